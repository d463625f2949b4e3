/** Topics and subscriptions as SNS writes them: most of it is attributes, each of them a text. */
import * as z from "zod/mini";
import { known, mapObserved, type Observed } from "../../core/observed.ts";
import type { Subscription, SubscriptionSettings, Topic } from "../../ports/sns.ts";
import { fieldsOf, wireObject } from "../fields.ts";
import type { Page } from "./link.ts";
import { text, unreadable } from "./s3-wire.ts";

const attributes = z.object({ Attributes: wireObject });
const accountId = z.string().check(z.regex(/^\d{12}$/));
const subscriptionArn = z.string().check(z.regex(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w.-]+:[\w-]+$/));
const flag = z.pipe(
  z.enum(["true", "false"]),
  z.transform((given) => given === "true"),
);
const scope = z.enum(["MessageAttributes", "MessageBody"]);

/** An attribute that was taken back may stay behind as an empty text. */
const emptyIsNull = z.pipe(
  z.string(),
  z.transform((given) => given || null),
);

/** https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html */
export function topic(arn: string) {
  return z.pipe(
    attributes,
    z.transform(({ Attributes: given }, context): Topic => {
      if (given["TopicArn"] !== arn) return unreadable(context);
      const { required, optional } = fieldsOf(`topic ${arn}`, given);
      return {
        arn,
        ownerAccountId: required("Owner", accountId),
        policy: required("Policy", text),
        keyId: optional("KmsMasterKeyId", emptyIsNull),
      };
    }),
  );
}

/** https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html */
export function subscription(arn: string) {
  return z.pipe(
    attributes,
    z.transform(({ Attributes: given }, context): SubscriptionSettings => {
      if (given["SubscriptionArn"] !== arn) return unreadable(context);
      const { required, optional } = fieldsOf(`subscription ${arn}`, given);
      return {
        isPending: required("PendingConfirmation", flag),
        filterPolicy: optional("FilterPolicy", emptyIsNull),
        filterScope: mapObserved(optional("FilterPolicyScope", scope), (named) => named ?? "MessageAttributes"),
        isRaw: required("RawMessageDelivery", flag),
        redrivePolicy: optional("RedrivePolicy", emptyIsNull),
      };
    }),
  );
}

const listed = z.object({ TopicArn: text, Protocol: text, Endpoint: text, SubscriptionArn: z.optional(z.string()) });

/** In the place of the ARN of a subscription that nobody has confirmed, and of one that was ended and is forgotten later. */
const PENDING = "PendingConfirmation";
const DELETED = "Deleted";

/** https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html */
export function subscriptionsPage(topicArn: string) {
  return z.pipe(
    z.object({ Subscriptions: z.array(listed), NextToken: z.optional(z.string()) }),
    z.transform(({ Subscriptions: all, NextToken: next }, context): Page<Subscription> => {
      if (all.some(({ TopicArn }) => TopicArn !== topicArn)) return unreadable(context);
      const subscribed = all.filter(({ SubscriptionArn }) => SubscriptionArn !== DELETED);
      return {
        items: subscribed.map((one) => ({
          protocol: one.Protocol,
          endpoint: one.Endpoint,
          arn: arnOf(one),
        })),
        next: next || null,
      };
    }),
  );
}

function arnOf(one: z.infer<typeof listed>): Observed<string | null> {
  if (one.SubscriptionArn === PENDING) return known(null);
  return fieldsOf(`a subscription (${one.Protocol})`, one).required("SubscriptionArn", subscriptionArn);
}

export const tags = z.pipe(
  z.object({ Tags: z.array(z.object({ Key: text, Value: z.string() })) }),
  z.transform(
    (wire): Readonly<Record<string, string>> => Object.fromEntries(wire.Tags.map(({ Key, Value }) => [Key, Value])),
  ),
);

/** As it came: the SDK takes every text but `true` for a no. */
export const smsSandbox = z.pipe(
  z.object({ xml: z.string() }),
  z.transform(({ xml }, context) => {
    const said = /<IsInSandbox>(true|false)<\/IsInSandbox>/.exec(xml)?.[1];
    return said === undefined ? unreadable(context) : said === "true";
  }),
);

export function created(name: string) {
  return z.pipe(
    z.object({ TopicArn: text.check(z.refine((arn) => arn.startsWith("arn:") && arn.endsWith(`:${name}`))) }),
    z.transform((wire) => wire.TopicArn),
  );
}

/** Where nobody asks for the ARN beforehand, it comes with the confirmation: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
export const subscribed = z.pipe(
  z.object({ SubscriptionArn: z.union([z.literal("pending confirmation"), subscriptionArn]) }),
  z.transform(({ SubscriptionArn: arn }) => (arn === "pending confirmation" ? null : arn)),
);

export const published = z.pipe(
  z.object({ MessageId: text }),
  z.transform((wire) => wire.MessageId),
);
