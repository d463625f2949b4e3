/**
 * Whether CloudWatch may use the key that encrypts a topic: without it SNS drops the alarm and tells nobody.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
import type { Observed } from "../../core/observed.ts";
import { all, type Tri } from "../../core/tri.ts";
import { admits, parsePolicy } from "./admits.ts";
import type { Home, KeyFacts } from "./facts.ts";
import { keyRequests } from "./request.ts";

/** A key goes by its id, its ARN and its aliases: whether the one that encrypts a topic (`keyId`) is the one that is wanted. */
export function isKey(keyId: string, live: Observed<KeyFacts | null>, wanted: string, wantedKey: KeyFacts | null): Tri {
  if (keyId === wanted) return "yes";
  if (wantedKey === null || !wantedKey.key.known) return "maybe";
  const { arn } = wantedKey.key.value;
  if (keyId === arn || arn.endsWith(`:key/${keyId}`)) return "yes";
  if (!live.known || live.value === null || !live.value.key.known) return "maybe";
  return live.value.key.value.arn === arn ? "yes" : "no";
}

/** What a key does with alarms of a topic. */
export interface KeyUse {
  /** Of an alarm by its ARN; null: of some alarm. */
  readonly admits: (alarmArn: string | null) => Tri;
  /** Why not, whatever the alarm; null: it hangs on the key's policy. */
  readonly obstacle: { readonly holds: "no" | "maybe"; readonly message: string } | null;
  /** Whether which alarm it is counts at all. */
  readonly mindsAlarm: boolean;
  /** What to do where it does not admit an alarm. */
  readonly remedy: string;
}

/** `keyId`: as the topic names the key. */
export function useOfKey(keyId: string, facts: Observed<KeyFacts | null>, topicArn: string, home: Home): KeyUse {
  if (isOfAws(keyId)) return stopped("no", OF_AWS, useYourOwn(topicArn));
  if (!facts.known) return stopped("maybe", `the key cannot be looked at: ${facts.reason.message}`, ALLOW);
  if (facts.value === null) return stopped("maybe", "the key was not looked at", ALLOW);
  const { key, policy } = facts.value;
  if (!key.known) return stopped("maybe", `the key cannot be looked at: ${key.reason.message}`, ALLOW);
  const { arn, state, isManagedByAws, isSymmetric } = key.value;
  if (isManagedByAws) return stopped("no", OF_AWS, useYourOwn(topicArn));
  if (!isSymmetric) return stopped("no", ASYMMETRIC, useYourOwn(topicArn));
  if (state === "Updating") return stopped("maybe", "the key is being changed right now", "look again in some minutes");
  if (state !== "Enabled")
    return stopped("no", `the key is ${state}: nothing can be encrypted with it`, revive(state, arn));
  if (!policy.known) return stopped("maybe", `the key's policy cannot be read: ${policy.reason.message}`, ALLOW);
  const document = parsePolicy(policy.value);
  if (document === null) return stopped("maybe", "the key's policy cannot be understood", "look at the key's policy");
  const mindsAlarm = /sourcearn/i.test(policy.value);
  const judge = (alarmArn: string | null) =>
    all(...keyRequests(arn, topicArn, alarmArn, home).map((request) => admits(document, request).isAdmitted));
  return { admits: judge, obstacle: null, mindsAlarm, remedy: admitCloudWatch(arn) };
}

const OF_AWS =
  "AWS's own key encrypts the topic, and CloudWatch may not use it: SNS drops every alarm without a word. Nobody can change the policy of such a key";
const ASYMMETRIC = "the key is none that encrypts and decrypts with one secret: SNS can use no other";
const ALLOW = "allow kms:DescribeKey and kms:GetKeyPolicy on the key";

/** By its name alone: `alias/aws/sns`, also as an ARN. */
function isOfAws(keyId: string): boolean {
  return /(?:^|:)alias\/aws\//.test(keyId);
}

function useYourOwn(topicArn: string): string {
  return `name a key of your own that admits CloudWatch as encryption of the topic in the policy, then litally-ops notify apply; or take the key away: aws sns set-topic-attributes --topic-arn ${topicArn} --attribute-name KmsMasterKeyId --attribute-value ""`;
}

function admitCloudWatch(keyArn: string): string {
  return `add a statement to the key's policy that allows kms:Decrypt and kms:GenerateDataKey* to the service cloudwatch.amazonaws.com: aws kms put-key-policy --key-id ${keyArn} --policy-name default --policy file://key-policy.json`;
}

function revive(state: string, arn: string): string {
  if (state === "Disabled") return `aws kms enable-key --key-id ${arn}`;
  if (state === "PendingDeletion")
    return `aws kms cancel-key-deletion --key-id ${arn}, then aws kms enable-key --key-id ${arn}`;
  return "encrypt the topic with a key that is enabled";
}

function stopped(holds: "no" | "maybe", message: string, remedy: string): KeyUse {
  return { admits: () => holds, obstacle: { holds, message }, mindsAlarm: false, remedy };
}
