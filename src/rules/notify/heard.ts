/** Whether somebody hears an alarm, and whether all do whom the policy names for it. */
import type { Verdict } from "../../core/report.ts";
import type { Tri } from "../../core/tri.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { Endpoint } from "../../ports/sns.ts";
import { endpointKey, shownEndpoint } from "./endpoint.ts";
import type { AlarmOnItsWay } from "./facts.ts";
import { acts, type Graph, topicsOf, type Way } from "./graph.ts";
import { type Link, named, withRemedy } from "./link.ts";

export function heardVerdict(alarm: AlarmOnItsWay, graph: Graph): Verdict {
  const found = graph.waysOf(alarm);
  switch (graph.isHeard(alarm)) {
    case "no":
      return silent(alarm, found);
    case "maybe":
      return doubtful(alarm, found, graph);
    case "yes":
      return heard(alarm, found, graph);
  }
}

function silent(alarm: AlarmOnItsWay, found: readonly Way[]): Verdict {
  const { alarmActions } = alarm.settings;
  if (acts(alarm) === "no") return withRemedy(fail("nobody hears it: its actions are switched off"), APPLY);
  if (alarmActions.known && topicsOf(alarmActions.value).length === 0)
    return withRemedy(fail("nobody hears it: it tells no topic"), alarm.wanted.length === 0 ? NAME_ONE : APPLY);
  const broken = [...new Set(found.map((way) => firstLink(way, alarm, "no")))];
  return withRemedy(fail(`nobody hears it: broken at ${named(broken)}`, { broken }), SEE_LINKS);
}

const APPLY = "litally-ops alarms apply";
const NAME_ONE = "name a topic under notify.alarm of its declaration in the policy, then litally-ops alarms apply";
const SEE_LINKS = "mend what is named there: the finding about it says how";

function doubtful(alarm: AlarmOnItsWay, found: readonly Way[], { topicOf }: Graph): Verdict {
  const { actionsEnabled, alarmActions } = alarm.settings;
  if (!alarmActions.known) return unknown(alarmActions.reason);
  if (!actionsEnabled.known) return unknown(actionsEnabled.reason);
  const unseen = topicsOf(alarmActions.value).filter((arn) => topicOf(arn) === undefined);
  const unclear = found.filter(({ holds }) => holds === "maybe").map((way) => firstLink(way, alarm, "maybe"));
  const links = [...new Set([...unseen.map((arn) => `${arn}: not looked at`), ...unclear])];
  return withRemedy(unknown(`whether anybody hears it cannot be told: ${named(links)}`, { unclear: links }), SEE_LINKS);
}

/** The first link of a way that answers so: `notify/filter of topic/litally-critical (ops@litally.example)`. */
function firstLink({ topic, branch }: Way, alarm: AlarmOnItsWay, answer: Tri): string {
  const answers = (link: Link) => link.holds(alarm) === answer;
  const common = topic.links.find(answers);
  if (common !== undefined) return `${common.check} of topic/${topic.name}`;
  const own = branch.links.find(answers)?.check ?? "notify/topic";
  return `${own} of topic/${topic.name}${branch.key === null ? "" : ` (${branch.shown})`}`;
}

function heard(alarm: AlarmOnItsWay, found: readonly Way[], graph: Graph): Verdict {
  const hearers = [...new Set(found.filter(({ holds }) => holds === "yes").map(({ branch }) => branch.shown))];
  const evidence = { actual: hearers };
  const missed = missedOf(alarm, graph);
  const doubted = missed.filter(({ hears }) => hears === "maybe").map(({ shown }) => shown);
  if (doubted.length > 0)
    return withRemedy(
      unknown(`whether all hear it cannot be told: ${named(doubted)}`, { ...evidence, doubted }),
      SEE_LINKS,
    );
  const deaf = missed.map(({ shown }) => shown);
  if (deaf.length > 0)
    return withRemedy(
      warn(`heard by ${named(hearers)}, but not by ${named(deaf)}`, { ...evidence, missing: deaf }),
      "mend the way to them: the findings about topics, and alarms/drift, say how",
    );
  return pass(`heard by ${named(hearers)}`, evidence);
}

/** Those whom the policy names for it, and who do not hear it, or perhaps not. */
function missedOf(alarm: AlarmOnItsWay, { topicOf, hears }: Graph) {
  const named = alarm.wanted.flatMap((arn) => topicOf(arn)?.facts.declared?.subscriptions ?? NOBODY);
  const byKey = new Map(named.map((endpoint) => [endpointKey(endpoint), shownEndpoint(endpoint)]));
  return [...byKey]
    .map(([key, shown]) => ({ shown, hears: hears(key, alarm) }))
    .filter((recipient) => recipient.hears !== "yes");
}

const NOBODY: readonly Endpoint[] = [];
