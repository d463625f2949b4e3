/** Does one invariant of the policy hold of the restored data. */
import { formatDuration, formatSpan, MINUTE_MS, shortestMs } from "../../core/duration.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Evidence, Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { InvariantPolicy } from "../../policy/schema.ts";
import type { DataFacts, InvariantAnswer, InvariantFacts } from "./data.ts";

/** Nothing is proved over nothing: most pipelines give the right answer over a collection that is not there. */
export function judgeInvariant(facts: DataFacts, { invariant, answer }: InvariantFacts): Verdict {
  const { namespace } = invariant;
  const { namespaces } = facts.target;
  const found = namespaces.known ? namespaces.value.find(({ name }) => name === namespace) : undefined;
  if (namespaces.known && found === undefined) return fail(`there is no collection ${namespace}`);
  if (!answer.known) return unknown(answer.reason);
  const verdict = judgeAnswer(facts, invariant, answer.value);
  if (verdict.status !== "pass") return verdict;
  if (!namespaces.known) return unknown(namespaces.reason, verdict.evidence);
  if (found?.documents?.known === false) return unknown(found.documents.reason, verdict.evidence);
  if (found?.documents?.value === 0) return unknown(`${namespace} is empty: nothing is proved`, verdict.evidence);
  return verdict;
}

type Expectation = InvariantPolicy["expect"];

function judgeAnswer(facts: DataFacts, { expect }: InvariantPolicy, answer: InvariantAnswer): Verdict {
  if (typeof answer === "number") return judgeNumber(expect, answer, answer === 1 ? "document" : "documents");
  const field = expect.field ?? "the field";
  switch (answer.kind) {
    case "none":
      return fail(`the pipeline gives no document to read ${field} from`);
    case "several":
      return unknown(`the pipeline gives several documents, and ${field} of one is asked for`);
    case "other":
      return fail(`${field} is not what is expected: ${answer.type}`, { actual: answer.type });
    case "number":
      if (expect.newestWithin === undefined) return judgeNumber(expect, answer.value, `in ${field}`);
      return fail(`${field} is a number and no instant`, { actual: answer.value });
    case "instant":
      if (expect.newestWithin === undefined) return fail(`${field} is an instant and no number`);
      return judgeNewest(facts.restoredAt, expect.newestWithin, answer.value);
  }
}

function judgeNumber({ exactly, atLeast, atMost }: Expectation, actual: number, what: string): Verdict {
  const wanted = [
    ...(exactly === undefined ? [] : [`exactly ${exactly}`]),
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
  ].join(", ");
  const evidence = { expected: wanted, actual };
  const holds =
    wanted !== "" &&
    (exactly === undefined || actual === exactly) &&
    (atLeast === undefined || actual >= atLeast) &&
    (atMost === undefined || actual <= atMost);
  return holds
    ? pass(`${actual} ${what}, ${wanted} expected`, evidence)
    : fail(`${actual} ${what}, ${wanted} expected`, evidence);
}

/** What the clocks of the clients that wrote may be off. */
const CLOCK_TOLERANCE_MS = 5 * MINUTE_MS;

function judgeNewest(restoredAt: Date, within: NonNullable<Expectation["newestWithin"]>, newestAt: Date): Verdict {
  const ageMs = restoredAt.getTime() - newestAt.getTime();
  const expected = `at most ${formatDuration(within)} before ${formatInstant(restoredAt)}`;
  const evidence: Evidence = { expected, actual: formatInstant(newestAt), newestAt: newestAt.toISOString() };
  if (ageMs < -CLOCK_TOLERANCE_MS)
    return fail(
      `the newest data (${formatInstant(newestAt)}) is of later than the instant that was restored`,
      evidence,
    );
  const age = formatSpan(Math.max(0, ageMs));
  if (ageMs <= shortestMs(within))
    return pass(`the newest data is of ${age} before the instant that was restored`, evidence);
  return fail(
    `the newest data is of ${age} before the instant that was restored, ${formatDuration(within)} is allowed`,
    evidence,
  );
}
