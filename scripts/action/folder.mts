/** Where the command line is installed: outside of the workspace, and once for a job. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Inputs } from "./inputs.mts";

export function folderOf(temp: string, action: string, packed: Inputs["packed"]): string {
  return join(temp, `litally-ops-${digest(packed === null ? action : packed.integrity)}`);
}

const DIGITS = 16;

export function digest(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex").slice(0, DIGITS);
}
