/**
 * The conversation on stderr: a spinner where it is a terminal, plain lines elsewhere. Spinner and result never mix:
 * `end` clears it before anything else is written.
 */
import type { Progress } from "../ports/progress.ts";

export interface ProgressDisplay extends Progress {
  end(): void;
}

export function lineProgress(write: (text: string) => void): ProgressDisplay {
  return { phase: (text) => write(`${text}\n`), note: (text) => write(`${text}\n`), end: () => {} };
}

/** The spinner is loaded and drawn only when a phase lasts longer than a person notices. */
const SPINNER_AFTER_MS = 150;

export function spinnerProgress(write: (text: string) => void, redact: (text: string) => string): ProgressDisplay {
  let stop = () => {};
  let ended = false;
  let text = "";
  const timer = setTimeout(async () => {
    const { default: ora } = await import("ora");
    if (ended || text === "") return;
    const spinner = ora({ text: redact(text), discardStdin: false }).start();
    show = (next) => {
      spinner.text = redact(next);
    };
    stop = () => spinner.stop();
  }, SPINNER_AFTER_MS);
  timer.unref();
  let show = (_text: string) => {};
  return {
    phase(next) {
      text = next;
      show(next);
    },
    note(line) {
      stop();
      write(`${line}\n`);
    },
    end() {
      ended = true;
      clearTimeout(timer);
      stop();
    },
  };
}
