import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const HEARING = `--require=${join(import.meta.dirname, "hear-calls.cjs")}`;
export function callsFile(): string {
  return join(mkdtempSync(join(tmpdir(), "litally-ops-calls-")), "calls.jsonl");
}
