/** First step: whether the inputs are sound, where the command line belongs in this job, and whether it is there already. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readInputs } from "./inputs.mts";
import { asStep, output, required } from "./tell.mts";

await asStep(() => {
  const { packed } = readInputs(process.env);
  const action = required("ACTION_PATH");
  const folder = join(required("RUNNER_TEMP"), `litally-ops-${digest(packed === null ? action : packed.integrity)}`);
  const isInstalled = existsSync(join(folder, "node_modules/litally-ops/package.json"));
  output({
    folder,
    install: String(!isInstalled),
    build: String(!isInstalled && packed === null),
    downloads: join(required("RUNNER_TEMP"), "litally-ops-downloads"),
    lock: digest(readFileSync(join(action, "package-lock.json"))),
  });
});

const DIGITS = 16;

function digest(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex").slice(0, DIGITS);
}
