/** Forms in which a secret could come out, and that none of them does. */
import { expect } from "vitest";
import type { Ran } from "./host.ts";

/** As it may come in, and be turned back by whoever reads it. */
export function codedForms(secret: string): readonly string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), base64(secret)];
}

/** As our own renderers would write it. */
function renderedForms(secret: string): readonly string[] {
  const xml = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
  const markdown = secret.replaceAll(/[\\`*_{}[\]<>|#]/g, (character) => `\\${character}`);
  return [xml, markdown, secret.replaceAll("%", "%25")];
}

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

export function expectNone(ran: Ran, secrets: readonly string[]): void {
  const all = [ran.stdout, ran.stderr, ...ran.appended.values(), ...ran.reports.values()].join("\n");
  const forms = secrets.flatMap((secret) => [...codedForms(secret), ...renderedForms(secret)]);
  expect(all.length).toBeGreaterThan(0);
  for (const text of [all, all.replaceAll(/\s+/g, "")]) expect(forms.filter((form) => text.includes(form))).toEqual([]);
}

/** The part of an environment that the SDK of AWS reads for itself. */
export function awsOf(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("AWS_")));
}
