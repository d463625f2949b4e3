/**
 * The conversation on stderr: a spinner where it is a terminal, plain lines elsewhere. Spinner and result never mix:
 * `end` clears it before anything else is written.
 */
import type { Ora } from "ora";
import type { Progress } from "../ports/progress.ts";

export interface ProgressDisplay extends Progress {
  /** Clears the screen for a question; the next phase draws again. */
  pause(): void;
  end(): void;
}

const LINE_EVERY_MS = 60_000;

export function lineProgress(write: (text: string) => void): ProgressDisplay {
  let toldMs = Number.NEGATIVE_INFINITY;
  return {
    phase: (text) => write(`${text}\n`),
    waiting: (text, elapsedMs) => {
      if (elapsedMs >= toldMs && elapsedMs - toldMs < LINE_EVERY_MS) return;
      toldMs = elapsedMs; // one that lies before the last is of another wait
      write(`${text}\n`);
    },
    note: (text) => write(`${text}\n`),
    pause: () => {},
    end: () => {},
  };
}

/** The spinner is loaded and drawn only when a phase lasts longer than a person notices. */
const SPINNER_AFTER_MS = 150;

export function spinnerProgress(write: (text: string) => void, redact: (text: string) => string): ProgressDisplay {
  let spinner: Pick<Ora, "start" | "stop" | "text"> | undefined;
  let text = "";
  let hidden = false;
  const timer = setTimeout(async () => {
    const { default: ora } = await import("ora");
    if (ended) return;
    spinner = ora({ discardStdin: false });
    draw();
  }, SPINNER_AFTER_MS);
  timer.unref();
  let ended = false;
  const draw = () => {
    if (spinner === undefined || hidden || text === "") return;
    spinner.text = redact(text);
    spinner.start();
  };
  const show = (next: string) => {
    text = next;
    hidden = false;
    draw();
  };
  return {
    phase: show,
    waiting: show,
    note(line) {
      spinner?.stop();
      write(`${line}\n`);
      draw();
    },
    pause() {
      hidden = true;
      spinner?.stop();
    },
    end() {
      ended = true;
      hidden = true;
      clearTimeout(timer);
      spinner?.stop();
    },
  };
}
