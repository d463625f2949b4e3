/** Requests in XML, as clients of every kind write them. */
import { expect, test } from "vitest";
import { parseXml, textOf } from "../../../src/sandbox/s3/xml.ts";

const read = async (text: string) => textOf(await parseXml(text, "A"), "E");

test.each([
  ["<A><E>&quot;abc&quot;</E></A>", '"abc"'],
  ["<A><E>&#34;abc&#x22;</E></A>", '"abc"'], // as Go writes quotes
  ["<A><E>a&lt;b&amp;lt;</E></A>", "a<b&lt;"],
  ["<A><E><![CDATA[a<b]]></E></A>", "a<b"],
  ['<?xml version="1.0"?>\n<x:A xmlns:x="http://s3.amazonaws.com/doc/2006-03-01/"><x:E>007</x:E></x:A>', "007"],
  ["<A><E/></A>", ""],
  ["<A/>", undefined],
])("%s says %j", async (text, says) => {
  expect(await read(text)).toBe(says);
});

test.each(["", "text", "<A><E></A>", "<B><E>x</E></B>", "<A><E>1</E><E>2</E></A>", "<A><E><F/></E></A>", "<A/><A/>"])(
  "%s is refused",
  async (text) => {
    await expect(read(text)).rejects.toMatchObject({ code: "MalformedXML" });
  },
);
