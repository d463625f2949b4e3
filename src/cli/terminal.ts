/** How one run speaks with the person at the terminal, and how long it has. */
import { OpsError } from "../core/error.ts";
import { stopReason } from "../core/stop.ts";
import type { Operator } from "../ports/operator.ts";
import type { CommandSpec } from "./command-spec.ts";
import type { Host } from "./host.ts";
import type { GlobalFlags } from "./parse.ts";
import { lineProgress, type ProgressDisplay, spinnerProgress } from "./progress.ts";
import { type Redactor, redactReport } from "./redact.ts";

interface Terminal {
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly progress: ProgressDisplay;
  readonly redactor: Redactor;
}

/** Plan and question stand on stderr: stdout is the result's. */
export function operatorAt({ host, signal, progress, redactor }: Terminal): Operator {
  return {
    async ask(plan, question) {
      if (host.ask === null) return null;
      progress.pause();
      if (plan !== null) {
        const { PLAIN_STYLE } = await import("./style.ts");
        const { renderPreview } = await import("./render-text.ts");
        host.stderr.write(renderPreview(redactReport(plan, redactor.apply), PLAIN_STYLE));
      }
      const typed = await host.ask(redactor.apply(question), signal);
      if (!signal.aborted) return typed;
      host.stderr.write("\n"); // the question stands on a line that nobody has ended
      throw stopReason(signal, "asking");
    },
  };
}

/** Ends a run: Ctrl-C and its like, and the end of its time. One that endures has as long as it needs. */
export function signalFor(host: Host, flags: GlobalFlags, command: CommandSpec): AbortSignal {
  const timeout = flags.timeoutMs ?? (command.endures === true ? undefined : DEFAULT_TIMEOUT_MS);
  return timeout === undefined ? host.interrupted : AbortSignal.any([host.interrupted, deadline(host, timeout)]);
}

const DEFAULT_TIMEOUT_MS = 600_000;

/** Aborts when the time is over, with the reason that whatever is still open then is given. */
function deadline(host: Host, ms: number): AbortSignal {
  const controller = new AbortController();
  const over = host.after(ms);
  const end = () =>
    controller.abort(
      new OpsError("timeout", `not done within --timeout (${ms / 1000} s)`, { hint: "give it longer: --timeout 30m" }),
    );
  if (over.aborted) end();
  over.addEventListener("abort", end, { once: true });
  return controller.signal;
}

export function progressFor({ stderr, env }: Host, redactor: Redactor): ProgressDisplay {
  const write = (text: string) => stderr.write(redactor.apply(text));
  const canDraw = stderr.isTerminal && stderr.columns !== null && env["CI"] === undefined;
  return canDraw ? spinnerProgress(write, redactor.apply) : lineProgress(write);
}

/** https://no-color.org and https://force-color.org: set and not empty. The flag outranks both. */
export function wantsColour({ env, stdout }: Host, flags: GlobalFlags): boolean {
  if (!flags.color || flags.format !== "text") return false;
  if (isSet(env["NO_COLOR"])) return false;
  if (isSet(env["FORCE_COLOR"])) return env["FORCE_COLOR"] !== "0";
  return stdout.isTerminal && env["TERM"] !== "dumb";
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
