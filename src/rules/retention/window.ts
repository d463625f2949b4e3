/** Continuous backup: whether its window reaches back as far as the policy's, today and at every instant to come. */
import type { Check } from "../../core/check.ts";
import { DAY_MS, formatSpan } from "../../core/duration.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import { type ContinuousBreach, proveContinuous } from "./continuous.ts";
import type { Horizon } from "./demand.ts";
import { type Question, windowMsOf } from "./question.ts";
import { instant } from "./today.ts";

const WINDOW = {
  id: "retention/window",
  title: "continuous backup reaches back as far as the policy's window",
  remedy: () => "see the window beside the policy: litally-ops backup plan; then mend it: litally-ops backup apply",
} as const;

export const windowNow: Check<Question> = {
  ...WINDOW,
  judge: (question) => judgeWindow(question, { ...question.horizon, untilMs: question.nowMs + 1 }, "now"),
};

export const windowThroughout: Check<Question> = {
  ...WINDOW,
  judge: (question) => judgeWindow(question, question.horizon, `until ${instant(question.horizon.untilMs)}`),
};

function judgeWindow(question: Question, span: Horizon, when: string): Verdict | readonly Verdict[] {
  const windowMs = windowMsOf(question);
  if (windowMs === null) return [];
  const { supplies, unreadable } = question;
  const horizon = { ...span, bornMs: begunMs(question) };
  const worst = proveContinuous(supplies.pessimistic.continuous, windowMs, horizon);
  const best = proveContinuous(supplies.optimistic.continuous, windowMs, horizon);
  if (worst === null)
    return unreadable.length > 0
      ? unknown("not everything could be read: see retention/readable")
      : pass(
          `it reaches back ${formatSpan(windowMs)} ${when}, if it has been on for so long, which Atlas does not say`,
        );
  const words = windowWords(worst);
  return best === null || unreadable.length > 0 ? unknown(`at worst ${words}`) : fail(words);
}

/** Within this, the first snapshot of a cluster is that of its birth: there is nothing that the oplog could start from before. */
const FIRST_SNAPSHOT_MS = DAY_MS;

function begunMs({ supplies, horizon: { bornMs } }: Question): number {
  const firstMs = Math.min(...supplies.pessimistic.continuous.map(({ fromMs }) => fromMs));
  return firstMs > bornMs && firstMs <= bornMs + FIRST_SNAPSHOT_MS ? firstMs : bornMs;
}

function windowWords({ atMs, owedFromMs, best }: ContinuousBreach): string {
  const owed = `on ${instant(atMs)} it must reach back to ${instant(owedFromMs)}`;
  if (best === null) return `${owed}, and there is no continuous backup`;
  const why =
    best.reachesMs === best.window.fromMs ? "the oldest snapshot that it can start from" : best.window.limitedBy;
  return `${owed}, and reaches back to ${instant(best.reachesMs)} only: ${why}`;
}
