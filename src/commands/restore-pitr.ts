/** `restore pitr`: restores a database as of an instant onto a cluster, which is erased. */
import * as z from "zod/mini";
import type { Report } from "../core/report.ts";
import type { Context } from "./context.ts";
import { COMMON, restore } from "./restore-given.ts";
import { askedInstant } from "./restore-request.ts";

export const input = z.strictObject({ ...COMMON, at: z.string() });

export function run({ at, ...given }: z.output<typeof input>, context: Context): Promise<Report> {
  return restore(given, { command: "restore pitr", point: (now) => askedInstant(at, "--at", now) }, context);
}
