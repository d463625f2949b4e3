/** What a plan for topics is made from. */
import type { TopicPolicy } from "../../policy/schema.ts";
import type { AlarmOnItsWay, TopicFacts, WayFacts } from "./facts.ts";

export interface NotifyFacts extends WayFacts {
  /** Gives the place in the policy file of a path below a topic (`subscriptions[0]`); null where nothing is written. */
  readonly sourceOf: (topicName: string, path: string) => string | null;
  /** Whether subscriptions that the policy does not name are taken out. */
  readonly prune: boolean;
}

/** A topic that the policy declares. */
export interface TopicToBe {
  readonly facts: NotifyFacts;
  readonly topic: TopicFacts;
  readonly declared: TopicPolicy;
  /** The alarms that tell it, or are to. */
  readonly users: readonly AlarmOnItsWay[];
}

export function topicsToBe(facts: NotifyFacts): readonly TopicToBe[] {
  const uses = ({ wanted, settings: { alarmActions } }: AlarmOnItsWay, arn: string) =>
    wanted.includes(arn) || (alarmActions.known && alarmActions.value.includes(arn));
  return [...facts.topics.values()].flatMap((topic) =>
    topic.declared === null
      ? []
      : [{ facts, topic, declared: topic.declared, users: facts.alarms.filter((alarm) => uses(alarm, topic.arn)) }],
  );
}
