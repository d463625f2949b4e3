import * as z from "zod/mini";
import { block, duration, field, list, name, text } from "./scalars.ts";

/** What must be true of restored data: an aggregation that only reads, and what it must give. */

const number = () => z.number({ error: "a number; write it without quotes" });

const expectation = block({
  field: field(
    "The field to judge, of the one document that the pipeline gives. When absent, the number of documents counts.",
    z.exactOptional(
      text(/^[A-Za-z_]\w{0,63}$/, "the name of a field; write letters, digits and underscores, a letter first"),
    ),
  ),
  exactly: field("Exactly this many.", z.exactOptional(number())),
  atLeast: field("This many or more.", z.exactOptional(number())),
  atMost: field("This many or fewer.", z.exactOptional(number())),
  newestWithin: field(
    "The field (a date, or an ObjectId such as _id) lies at most this long before the instant that was restored.",
    z.exactOptional(duration()),
  ),
});

export const invariant = block({
  name: field("What reports call this invariant.", name()),
  namespace: field(
    "The collection that is asked: database.collection.",
    text(
      /^[A-Za-z0-9_-]{1,63}\.(?!system\.)[A-Za-z0-9_-][A-Za-z0-9_.-]{0,180}$/,
      "the name of a collection; write database.collection",
    ),
  ),
  pipeline: field(
    "An aggregation that only reads; an empty list stands for all documents.",
    list(z.record(z.string(), z.unknown(), { error: "a stage; write { $match: { ... } }" })),
  ),
  expect: field("What it must give.", expectation),
});
