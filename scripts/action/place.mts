/** First step: whether the inputs are sound, where the command line belongs in this job, and whether it is there already. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { digest, folderOf } from "./folder.mts";
import { readInputs } from "./inputs.mts";
import { asStep, output, required } from "./tell.mts";

await asStep(() => {
  const { packed } = readInputs(process.env);
  const action = required("ACTION_PATH");
  const temp = required("RUNNER_TEMP");
  const folder = folderOf(temp, action, packed);
  const isInstalled = existsSync(join(folder, "node_modules/litally-ops/package.json"));
  output({
    folder,
    install: String(!isInstalled),
    build: String(!isInstalled && packed === null),
    downloads: join(temp, "litally-ops-downloads"),
    lock: digest(readFileSync(join(action, "package-lock.json"))),
  });
});
