/** `restore collections`: restores collections beside what there is, under new names, so that nothing is lost. */
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import type { Report } from "../core/report.ts";
import type { Context } from "./context.ts";
import { COMMON, restore } from "./restore-given.ts";
import { askedInstant, askedSnapshot } from "./restore-request.ts";

export const input = z.strictObject({
  ...COMMON,
  at: z.optional(z.string()),
  snapshot: z.optional(z.string()),
  namespace: z.array(z.string()),
  suffix: z.prefault(z.string(), "_restored"),
  overwrite: z.prefault(z.boolean(), false),
});

const NAMESPACE = /^[^.$\0 /\\"]{1,63}\.[^$\0]{1,180}$/;

export function run(
  { at, snapshot, namespace, suffix, overwrite, ...given }: z.output<typeof input>,
  context: Context,
): Promise<Report> {
  const wrong = namespace.find((name) => !NAMESPACE.test(name));
  if (namespace.length === 0 || wrong !== undefined)
    throw new OpsError(
      "usage",
      `--namespace: ${wrong === undefined ? "none is given" : `"${wrong}" is not a namespace`}`,
      {
        hint: "write database.collection, such as ledger.entries",
      },
    );
  if ((at === undefined) === (snapshot === undefined))
    throw new OpsError("usage", "write either --at or --snapshot: one of them says what is restored");
  const point = (now: Date) => (at === undefined ? askedSnapshot(snapshot ?? "", now) : askedInstant(at, "--at", now));
  const collections = { namespaces: namespace, suffix: overwrite ? null : suffix, overwrites: overwrite };
  return restore(given, { command: "restore collections", point, collections }, context);
}
