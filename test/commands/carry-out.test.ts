import { describe, expect, it } from "vitest";
import { type Consent, carryOut, lookedAgain } from "../../src/commands/carry-out.ts";
import type { Context } from "../../src/commands/context.ts";
import type { Change, PlannedStep, Step, StepOutcome } from "../../src/core/change.ts";
import { type ErrorKind, OpsError } from "../../src/core/error.ts";
import type { Finding, Report, Status } from "../../src/core/report.ts";
import type { Acts } from "../../src/ports/acts.ts";
import { UNRECORDED } from "../support/context.ts";

const finding = (status: Status): Finding => ({ check: "a/b", title: "t", subject: "s", status, message: "m" });
const step = (subject: string, confirm: string | null = subject): PlannedStep => ({
  subject,
  summary: `change ${subject}`,
  confirm,
  differences: [],
});

interface Setting {
  readonly preconditions?: readonly Finding[];
  readonly steps?: readonly PlannedStep[];
  readonly consent?: Partial<Consent>;
  readonly answers?: (string | null)[];
  readonly apply?: (step: PlannedStep) => Promise<StepOutcome>;
  readonly signal?: AbortSignal;
  readonly parallel?: number;
  readonly audit?: Context["audit"];
}

async function carry({
  preconditions = [finding("pass")],
  steps = [step("a"), step("b")],
  answers = [],
  ...rest
}: Setting) {
  const applied: string[] = [];
  const shown: (Report | null)[] = [];
  const asked: string[] = [];
  const apply = rest.apply ?? (async () => ({ state: "done" as const }));
  const context: Pick<Context, "signal" | "operator" | "audit"> = {
    audit: rest.audit ?? (async () => UNRECORDED),
    signal: rest.signal ?? new AbortController().signal,
    operator: {
      ask: async (plan, question) => {
        shown.push(plan);
        asked.push(question);
        return answers.shift() ?? null;
      },
    },
  };
  const report = (change: Change): Report => ({
    kind: "report",
    command: "c",
    environment: "e",
    observedAt: new Date(0),
    findings: [],
    change,
  });
  const change = await carryOut(
    {
      plan: { preconditions, steps },
      consent: { names: [], dryRun: false, ...rest.consent },
      preview: report,
      parallel: rest.parallel ?? 1,
      apply: async (one) => {
        applied.push(one.subject);
        return apply(one);
      },
    },
    context,
  );
  return { change, applied, shown, asked };
}

const states = ({ steps }: Change) => steps.map(({ state }) => state);

describe("nothing is done", () => {
  it.each<[string, Setting, Change["state"]]>([
    ["a precondition fails", { preconditions: [finding("pass"), finding("fail"), finding("unknown")] }, "refused"],
    ["a precondition is not known", { preconditions: [finding("unknown")] }, "undecided"],
    ["there are no preconditions at all", { preconditions: [] }, "undecided"],
    ["there is nothing to do", { steps: [] }, "none"],
    ["there is nothing to show", { steps: [], consent: { dryRun: true } }, "none"],
    ["it is only to be shown", { consent: { dryRun: true, names: ["a", "b"] } }, "planned"],
    ["nobody is there to ask", {}, "declined"],
    ["only one of two names is given", { consent: { names: ["a"] } }, "declined"],
    ["a name is given that is no target", { consent: { names: ["a", "b", "c"] } }, "declined"],
    ["another name is typed", { answers: ["a", "yes"] }, "declined"],
  ])("where %s", async (_, setting, state) => {
    const { change, applied } = await carry(setting);
    expect([change.state, applied]).toEqual([state, []]);
    expect(new Set(states(change))).toEqual(new Set(change.steps.length === 0 ? [] : ["planned"]));
  });

  it.each<[string, Setting, string | undefined]>([
    [
      "a precondition that fails",
      { preconditions: [finding("fail")] },
      "nothing was changed: a precondition does not hold",
    ],
    [
      "a precondition that is not known",
      { preconditions: [finding("unknown")] },
      "nothing was changed: whether it may be done could not be found out",
    ],
    ["nothing to do", { steps: [] }, undefined],
    ["a dry run", { consent: { dryRun: true } }, undefined],
    [
      "a name of something else",
      { consent: { names: ["a", "b", "c"] } },
      "nothing was changed: --confirm names c, the targets are a, b",
    ],
    [
      "a name of something else than the one target",
      { steps: [step("a"), step("a")], consent: { names: ["b"] } },
      "nothing was changed: --confirm names b, the target is a",
    ],
    [
      "nobody to ask",
      {},
      "nothing was changed: there is nobody to ask for the name of the target; give it as --confirm a,b",
    ],
    [
      "nobody to ask for the rest",
      { consent: { names: ["a"] } },
      "nothing was changed: there is nobody to ask for the name of the target; give it as --confirm b",
    ],
    ["another name typed", { answers: [" yes "] }, 'nothing was changed: "yes" is not a'],
  ])("for a reason that is told: %s", async (_, setting, reason) => {
    expect((await carry(setting)).change.reason).toBe(reason);
  });

  it("where it is interrupted before the first step", async () => {
    const names = ["a", "b"];
    await expect(carry({ consent: { names }, signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: "aborted",
      message: "stopped while about to begin",
    });
  });
});

describe("it is done", () => {
  it("with the names given", async () => {
    const { change, applied, shown } = await carry({ consent: { names: ["b", "a"] } });
    expect([change.state, applied, shown]).toEqual(["done", ["a", "b"], []]);
  });

  it("with each name typed, the plan shown once", async () => {
    const { change, shown, asked } = await carry({ steps: [step("a"), step("b"), step("a")], answers: ["a", " b "] });
    expect([change.state, change.reason]).toEqual(["done", undefined]);
    expect(asked).toEqual(["type a to go on, anything else to stop: ", "type b to go on, anything else to stop: "]);
    expect(shown.map((report) => report?.change?.state)).toEqual(["planned", undefined]);
  });

  it("without asking where it only adds", async () => {
    const { change, shown } = await carry({ steps: [step("a", null)] });
    expect([change.state, shown]).toEqual(["done", []]);
  });

  it("without asking, whatever name is given where none is needed", async () => {
    const { change } = await carry({ steps: [step("a", null)], consent: { names: ["b"] } });
    expect(change.state).toBe("done");
  });

  it("with what came of each step, and what it changes", async () => {
    const differences = [{ setting: "s", source: null, wanted: "2", live: "1", effect: "tightens" }] as const;
    const { change } = await carry({
      steps: [{ ...step("a", null), differences }],
      apply: async () => ({ state: "done", result: { id: "1" }, next: "go on" }),
    });
    expect(change).toStrictEqual({
      state: "done",
      steps: [{ subject: "a", summary: "change a", differences, state: "done", result: { id: "1" }, next: "go on" }],
    });
  });

  it("with a warning", async () => {
    const { change } = await carry({ preconditions: [finding("warn")], consent: { names: ["a", "b"] } });
    expect(change.state).toBe("done");
  });
});

describe("a step that does not end well", () => {
  const yes = { names: ["a", "b"] };
  it.each<[ErrorKind, Step["state"], Change["state"]]>([
    ["rejected", "refused", "refused"],
    ["auth", "refused", "refused"],
    ["throttled", "refused", "refused"],
    ["unavailable", "unclear", "failed"],
    ["timeout", "unclear", "failed"],
    ["protocol", "unclear", "failed"],
    ["bug", "unclear", "failed"],
  ])("with %s is %s, and nothing after it is begun", async (kind, state, whole) => {
    const apply = () => Promise.reject(new OpsError(kind, "no", { hint: "do this" }));
    const { change, applied } = await carry({ consent: yes, apply });
    expect([change.state, states(change), applied]).toEqual([whole, [state, "not-done"], ["a"]]);
    expect(change.steps[0]?.message).toBe(`${kind === "bug" ? "bug in litally-ops: " : ""}no; do this`);
    expect(change.reason).toBe(whole === "refused" ? "nothing was changed: it was refused" : undefined);
  });

  it.each<[boolean, string]>([
    [false, "aborted"],
    [true, "timeout"],
  ])("because it was stopped before it was sent has changed nothing", async (isDeadline, kind) => {
    const stop = new AbortController();
    const apply = () => {
      stop.abort(isDeadline ? new OpsError("timeout", "over") : undefined);
      return Promise.reject(new OpsError("aborted", "stopped"));
    };
    await expect(carry({ consent: yes, apply, signal: stop.signal })).rejects.toMatchObject({ kind });
  });

  it("because it was stopped after another was done is told", async () => {
    const apply = async ({ subject }: PlannedStep) => {
      if (subject === "b") throw new OpsError("aborted", "stopped");
      return { state: "done" as const };
    };
    const { change } = await carry({ consent: yes, apply });
    expect([change.state, states(change)]).toEqual(["interrupted", ["done", "not-done"]]);
  });

  it("after one that was done is no refusal any more", async () => {
    const apply = async ({ subject }: PlannedStep) => {
      if (subject === "b") throw new OpsError("rejected", "no");
      return { state: "done" as const };
    };
    const { change } = await carry({ consent: yes, apply });
    expect([change.state, states(change)]).toEqual(["failed", ["done", "refused"]]);
  });

  it("that throws what is no OpsError is told all the same", async () => {
    const { change } = await carry({ consent: yes, apply: () => Promise.reject(new TypeError("x is not a function")) });
    expect(change.steps[0]).toMatchObject({ state: "unclear", message: "bug in litally-ops: x is not a function" });
  });

  it.each<[Step["state"], Change["state"]]>([
    ["running", "running"],
    ["unwatched", "interrupted"],
    ["failed", "failed"],
    ["unclear", "failed"],
  ])("and says %s makes the change %s", async (state, whole) => {
    const { change } = await carry({ steps: [step("a", null)], apply: async () => ({ state }) });
    expect(change.state).toBe(whole);
  });

  it.each<[Step["state"], readonly Step["state"][]]>([
    ["done", ["done", "done"]],
    ["running", ["running", "done"]],
    ["unwatched", ["unwatched", "done"]],
    ["failed", ["failed", "not-done"]],
    ["unclear", ["unclear", "not-done"]],
    ["refused", ["refused", "not-done"]],
  ])("and is %s: the next subject is begun only where nothing went wrong", async (state, whole) => {
    const apply = async ({ subject }: PlannedStep) => ({ state: subject === "a" ? state : ("done" as const) });
    expect(states((await carry({ consent: yes, apply })).change)).toEqual(whole);
  });

  it("because it is interrupted keeps the next from being begun", async () => {
    const stop = new AbortController();
    const apply = async () => {
      stop.abort();
      return { state: "done" as const };
    };
    const { change, applied } = await carry({ consent: yes, apply, signal: stop.signal });
    expect([change.state, states(change), applied]).toEqual(["interrupted", ["done", "not-done"], ["a"]]);
  });

  it("keeps the later steps of its subject from being begun, not those of another that go side by side", async () => {
    const steps = [step("a"), step("a"), step("b")];
    const apply = async ({ subject }: PlannedStep) => ({
      state: subject === "a" ? ("unwatched" as const) : ("done" as const),
    });
    const { change } = await carry({ steps, consent: yes, apply, parallel: 2 });
    expect(change.steps.map(({ subject, state }) => [subject, state])).toEqual([
      ["a", "unwatched"],
      ["a", "not-done"],
      ["b", "done"],
    ]);
  });
});

describe("looking again after a change", () => {
  it("gives what is found", async () => {
    const found = [finding("pass")];
    expect(await lookedAgain("s", "look", async () => found)).toEqual(found);
  });

  it.each([new OpsError("aborted", "stopped"), new OpsError("bug", "ours"), new TypeError("x is no function")])(
    "that is kept from it by %s is not known, and the change is told all the same",
    async (error) => {
      expect(await lookedAgain("s", "look", () => Promise.reject(error))).toMatchObject([
        { check: "change/looked-again", subject: "s", status: "unknown", remedy: "look" },
      ]);
    },
  );
});

describe("what is on record", () => {
  const recorded = (given: Partial<Acts> = {}) => {
    const events: string[] = [];
    const acts: Acts = {
      begin: async ({ names, plan }) => {
        events.push(`begun ${plan.steps.length} ${names.join(",")}`.trim());
        return { end: async ({ state }) => void events.push(`ended ${state}`) };
      },
      refuse: async (_undertaken, { state }) => void events.push(`refused ${state}`),
      ...given,
    };
    return { events, audit: async () => ({ ...UNRECORDED, acts }) };
  };
  const consented = { consent: { names: ["a", "b"] } };

  it("stands there before the first step, and what came of it after the last", async () => {
    const { events, audit } = recorded();
    const apply = async ({ subject }: PlannedStep) => {
      events.push(subject);
      return { state: "done" as const };
    };
    await carry({ ...consented, audit, apply });
    expect(events).toEqual(["begun 2 a,b", "a", "b", "ended done"]);
  });

  it.each<[string, Setting, string[]]>([
    ["refused", { preconditions: [finding("fail")] }, ["refused refused"]],
    ["undecided", { preconditions: [finding("unknown")] }, ["refused undecided"]],
    ["declined", {}, ["refused declined"]],
    ["typed", { answers: ["a", "b"] }, ["begun 2 a,b", "ended done"]],
    ["nothing to do", { steps: [] }, []],
    ["only shown", { consent: { dryRun: true, names: ["a", "b"] } }, []],
    ["only shown, and refused", { preconditions: [finding("fail")], consent: { dryRun: true } }, []],
    ["failed", { ...consented, apply: () => Promise.reject(new TypeError("x")) }, ["begun 2 a,b", "ended failed"]],
  ])("%s", async (_, setting, expected) => {
    const { events, audit } = recorded();
    await carry({ ...setting, audit });
    expect(events).toEqual(expected);
  });

  it("is the end of it also where a stop came before the first step", async () => {
    const stop = new AbortController();
    const { events, audit } = recorded({
      begin: async () => {
        stop.abort();
        return { end: async ({ state }) => void events.push(`ended ${state}`) };
      },
    });
    await expect(carry({ ...consented, audit, signal: stop.signal })).rejects.toMatchObject({ kind: "aborted" });
    expect(events).toEqual(["ended interrupted"]);
  });

  it("is what nothing is done without", async () => {
    const begin = () => Promise.reject(new OpsError("config", "it cannot be recorded", { hint: "mend it" }));
    const { audit } = recorded({ begin });
    const { change, applied } = await carry({ ...consented, audit });
    expect([change.state, change.reason, applied]).toEqual([
      "refused",
      "nothing was changed: it cannot be recorded; mend it",
      [],
    ]);
  });
});
