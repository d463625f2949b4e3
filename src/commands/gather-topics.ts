/** What is known of topics: each is asked for itself, for its subscriptions, and for the key that encrypts it. */
import { mapBounded } from "../core/bounded.ts";
import { OpsError } from "../core/error.ts";
import { known, mapObserved, type Observed, observe } from "../core/observed.ts";
import { once } from "../core/once.ts";
import type { TopicPolicy } from "../policy/schema.ts";
import type { Keys } from "../ports/keys.ts";
import type { Sns, Subscription, Topic } from "../ports/sns.ts";
import { actionArn } from "../rules/alarms/compile.ts";
import type { Home, KeyFacts, SubscriptionFacts, TopicFacts } from "../rules/notify/facts.ts";
import { orderedAtOf, type Sha256 } from "../rules/notify/ordered.ts";
import type { Context } from "./context.ts";

/** Topics that are asked for side by side, and subscriptions of one. */
const MAX_TOPICS = 4;
const MAX_SUBSCRIPTIONS = 4;

/** By ARN: the topics that are pointed at, and those that are declared. */
export async function gatherTopics(
  context: Pick<Context, "sns" | "keys" | "sha256">,
  home: Home,
  topics: readonly TopicPolicy[],
  arns: readonly string[],
): Promise<ReadonlyMap<string, TopicFacts>> {
  const ours = new Map(topics.map((topic) => [actionArn(home, topic.name), topic]));
  const all = [...new Set([...ours.keys(), ...arns])];
  if (all.length === 0) return new Map();
  const sns = await context.sns();
  const key = keyGatherer(await context.keys());
  const sha256 = await context.sha256();
  const asking = { sns, key, sha256, smsSandbox: once(() => observe(() => sns.isInSmsSandbox())) };
  const facts = await mapBounded(all, MAX_TOPICS, async (arn): Promise<TopicFacts> => {
    const name = arn.split(":").at(-1) ?? arn;
    const declared = ours.get(arn);
    const wantedKey = declared?.encryption === undefined ? null : await key(declared.encryption);
    const place = { arn, name, declared: declared ?? null, wantedKey };
    if (!isAt(home, arn)) return { ...place, ...elsewhere(arn) };
    return { ...place, ...(await gatherTopic(asking, arn)) };
  });
  return new Map(facts.map((topic) => [topic.arn, topic]));
}

type Seen = Pick<TopicFacts, "topic" | "subscriptions" | "key" | "smsSandbox">;

interface Asking {
  readonly sns: Sns;
  readonly key: (keyId: string) => Promise<KeyFacts>;
  readonly sha256: Sha256;
  readonly smsSandbox: () => Promise<Observed<boolean>>;
}

function isAt({ region, accountId }: Home, arn: string): boolean {
  const [, , service, topicRegion, owner] = arn.split(":");
  return service === "sns" && topicRegion === region && owner === accountId;
}

/** What is in another account or region is not asked for: an alarm cannot be heard there as the policy wants it. */
function elsewhere(arn: string): Seen {
  const reason = new OpsError("rejected", `${arn} is not in the policy's account and region: it was not asked for`);
  const not = { known: false, reason } as const;
  return { topic: not, subscriptions: not, key: not, smsSandbox: null };
}

async function gatherTopic(asking: Asking, arn: string): Promise<Seen> {
  const { sns, key, smsSandbox } = asking;
  const [topic, listed] = await Promise.all([
    observe(() => orNull(sns.getTopic(arn))),
    observe(() => orNull(sns.listSubscriptions(arn))),
  ]);
  // a topic that is not there has no subscription
  const all = mapObserved(listed, (found) => found ?? NOBODY);
  const subscriptions = all.known ? await gatherSubscriptions(asking, arn, all.value) : all;
  const isSms = all.known && all.value.some(({ protocol }) => protocol === "sms");
  return {
    topic,
    subscriptions,
    key: await keyOf(topic, key),
    smsSandbox: isSms ? await smsSandbox() : null,
  };
}

const NOBODY: readonly Subscription[] = [];

/** Absence is an answer. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof OpsError && error.kind === "not-found") return null;
    throw error;
  }
}

async function gatherSubscriptions(
  { sns, sha256 }: Asking,
  arn: string,
  listed: readonly Subscription[],
): Promise<Observed<readonly SubscriptionFacts[]>> {
  const isPending = ({ arn: own }: Subscription) => own.known && own.value === null;
  // when it was ordered is written down at the topic: one question for all that wait
  const tags = listed.some(isPending) ? await observe(() => sns.topicTags(arn)) : known({});
  const subscriptions = await mapBounded(listed, MAX_SUBSCRIPTIONS, async (one): Promise<SubscriptionFacts> => {
    if (!one.arn.known) return { ...one, settings: one.arn, orderedAt: null };
    const own = one.arn.value;
    if (own === null) return { ...one, settings: known(null), orderedAt: orderedAtOf(one, tags, sha256) };
    return { ...one, settings: await observe(() => sns.getSubscription(own)), orderedAt: null };
  });
  return known(subscriptions);
}

async function keyOf(topic: Observed<Topic | null>, key: Asking["key"]): Promise<TopicFacts["key"]> {
  if (!topic.known) return topic;
  if (topic.value === null) return known(null);
  const { keyId } = topic.value;
  if (!keyId.known) return keyId;
  return keyId.value === null ? known(null) : known(await key(keyId.value));
}

/** Every key is asked for once, however many topics it encrypts. */
function keyGatherer(keys: Keys): (keyId: string) => Promise<KeyFacts> {
  const asked = new Map<string, Promise<KeyFacts>>();
  return (keyId) => {
    const before = asked.get(keyId);
    if (before !== undefined) return before;
    const facts = gatherKey(keys, keyId);
    asked.set(keyId, facts);
    return facts;
  };
}

/** A key policy is asked for by the key itself: an alias has none. */
async function gatherKey(keys: Keys, keyId: string): Promise<KeyFacts> {
  const key = await observe(() => keys.getKey(keyId));
  return { key, policy: key.known ? await observe(() => keys.getKeyPolicy(key.value.arn)) : key };
}
