/** `sandbox up`: keeps a world running for practice, until Ctrl-C or `--timeout`. */
import * as z from "zod/mini";
import type { Artifact } from "../core/report.ts";
import type { Context } from "./context.ts";
import { DEFAULT_PORT, exportLines, parsePort } from "./sandbox-env.ts";

export const input = z.strictObject({
  world: z._default(z.string(), "healthy"),
  port: z._default(z.string(), DEFAULT_PORT),
  state: z.optional(z.string()),
  fault: z._default(z.array(z.string()), []),
});

export async function run({ world, port, state, fault }: z.output<typeof input>, context: Context): Promise<Artifact> {
  const control = await context.sandbox();
  const served = await control.serve({
    world,
    port: parsePort(port),
    faults: fault,
    ...(state === undefined ? {} : { stateFile: state }),
  });
  context.progress.note(`serving world "${world}" at ${served.url}; stop it with Ctrl-C`);
  context.progress.note(`in another shell:\n${exportLines(served.variables)}`);
  context.progress.note("then: litally-ops backup verify");
  context.progress.note('and when you are done there: eval "$(litally-ops sandbox env --unset)"');
  await untilAborted(context.signal);
  await served.close();
  return {
    kind: "artifact",
    command: "sandbox up",
    mediaType: "text/plain",
    content: { world, url: served.url },
    body: "stopped\n",
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
