/** `restore snapshot`: restores one snapshot of a database onto a cluster, which is erased. */
import * as z from "zod/mini";
import type { Report } from "../core/report.ts";
import type { Context } from "./context.ts";
import { COMMON, restore } from "./restore-given.ts";
import { askedSnapshot } from "./restore-request.ts";

export const input = z.strictObject({ ...COMMON, snapshot: z.string() });

export function run({ snapshot, ...given }: z.output<typeof input>, context: Context): Promise<Report> {
  return restore(given, { command: "restore snapshot", point: (now) => askedSnapshot(snapshot, now) }, context);
}
