/** A process of its own that records acts in a folder: `record-acts.mts FOLDER HOW-MANY`. */
import { createHash } from "node:crypto";
import { registerHooks } from "node:module";

// the package is CommonJS for the bundle's sake; its sources are modules and are loaded here as they are
registerHooks({
  load: (url, context, next) =>
    next(url, /\/src\/.*\.ts$/.test(url) ? { ...context, format: "module-typescript" } : context),
});
const { folderShelf } = await import("../../src/adapters/folder-shelf.ts");
const { recordActs } = await import("../../src/commands/record-acts.ts");

const [folder = "", count = ""] = process.argv.slice(2);
const acts = recordActs({
  clock: { now: () => new Date(), sleep: () => Promise.resolve() },
  uniqueWord: () => crypto.randomUUID(),
  redact: (text) => text,
  sha256: (text) => createHash("sha256").update(text, "utf8").digest("hex"),
  run: async () => ({
    environment: "test",
    command: "test",
    argv: [],
    tool: "1.2.3",
    who: { os: "", aws: "", atlas: "" },
  }),
  local: folderShelf(folder),
  remote: async () => null,
  isRehearsal: false,
  tell: ({ message }) => process.stderr.write(`${message}\n`),
});
for (let done = 0; done < Number(count); done += 1) {
  const act = await acts.begin({ plan: { preconditions: [], steps: [] }, names: [] });
  await act.end({ state: "done", steps: [] });
  if (done === 5) process.stdout.write("five\n");
}
