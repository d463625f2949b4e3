import { describe, expect, it } from "vitest";
import { known } from "../../../src/core/observed.ts";
import type { AlarmState, LiveCompositeAlarm } from "../../../src/ports/cloudwatch.ts";
import { compositeFacts } from "../../../src/rules/alarms/composites.ts";

const OURS = new Set(["litally-a", "litally-b(1)"]);
const stateOf = (state: AlarmState) => () => known(state);
const composite = (
  rule: string,
  suppressor: string | null = null,
  actions: readonly string[] = ["arn"],
): LiveCompositeAlarm => ({
  kind: "composite",
  name: "all",
  arn: known("arn:aws:cloudwatch:ap-south-1:111122223333:alarm:all"),
  rule: known(rule),
  actionsEnabled: known(true),
  alarmActions: known(actions),
  suppressor: known(suppressor),
  state: known("OK"),
});

describe("a composite alarm", () => {
  it.each([
    ['ALARM("litally-a") OR ALARM(other)', ["litally-a"]],
    ["ALARM(litally-a)", ["litally-a"]],
    ["NOT OK( litally-a ) AND INSUFFICIENT_DATA(x)", ["litally-a"]],
    ['ALARM("litally-b(1)")', ["litally-b(1)"]],
    ['ALARM("arn:aws:cloudwatch:ap-south-1:111122223333:alarm:litally-a")', ["litally-a"]],
    ["ALARM(litally-a) OR ALARM(litally-a)", ["litally-a"]],
  ])("of the rule %s has ours in it", (rule, children) => {
    expect(compositeFacts(composite(rule), OURS, stateOf("OK"))?.children).toEqual(children);
  });

  it.each(["ALARM(litally-ab)", 'ALARM("litally")', "TRUE", ""])(
    "of the rule %s has nothing to do with ours",
    (rule) => {
      expect(compositeFacts(composite(rule), OURS, stateOf("OK"))).toBeUndefined();
    },
  );

  it("is muted by what is in ALARM, by name or by ARN", () => {
    const arn = "arn:aws:cloudwatch:ap-south-1:111122223333:alarm:quiet";
    for (const suppressor of ["quiet", arn]) {
      const facts = compositeFacts(composite("ALARM(litally-a)", suppressor), OURS, stateOf("ALARM"));
      expect(facts).toMatchObject({ suppressor: "quiet", isSuppressorInAlarm: known(true), hasActions: true });
    }
  });

  it("counts where ours mutes it, and where it tells nobody", () => {
    expect(compositeFacts(composite("ALARM(x)", "litally-a", []), OURS, stateOf("OK"))).toMatchObject({
      children: [],
      suppressor: "litally-a",
      isSuppressorInAlarm: known(false),
      hasActions: false,
    });
  });
});
