/**
 * What S3 demands of lifecycle rules:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
 */
import { DAY_MS } from "../../core/duration.ts";
import type { After, LifecycleRule, StorageClass } from "./model.ts";
import { Refusal } from "./refusal.ts";

const MAX_RULES = 1000;
const MAX_ID_CHARACTERS = 255;
const MAX_NEWER_VERSIONS = 100;
/** What is rarely read must have been there so long, and stay there so long before it moves on. */
const INFREQUENT_DAYS = 30;
/** Objects move down this list only. */
export const DOWNWARDS: readonly StorageClass[] = [
  "STANDARD_IA",
  "ONEZONE_IA",
  "GLACIER_IR",
  "GLACIER",
  "DEEP_ARCHIVE",
];

/** Throws for the first rule that S3 would not take. */
export function requireLifecycleRules(rules: readonly LifecycleRule[]): void {
  if (rules.length === 0 || rules.length > MAX_RULES)
    throw new Refusal("MalformedXML", `There must be 1 to ${MAX_RULES} rules.`);
  if (new Set(rules.map(({ id }) => id)).size < rules.length) throw wrong("Rule ID must be unique.");
  for (const rule of rules) requireRule(rule);
}

function requireRule(rule: LifecycleRule): void {
  if (rule.id.length > MAX_ID_CHARACTERS)
    throw wrong(`ID length should not exceed allowed limit of ${MAX_ID_CHARACTERS}`);
  if (!acts(rule)) throw new Refusal("InvalidRequest", "At least one action needs to be specified in a rule.");
  const { expiration, expiresDeleteMarkers, tags, largerThanBytes, smallerThanBytes, noncurrentExpiration } = rule;
  if (expiresDeleteMarkers && (expiration !== null || tags.length > 0))
    throw new Refusal("MalformedXML", "ExpiredObjectDeleteMarker goes with neither Days nor Date nor tags.");
  const limitsSize = largerThanBytes !== null || smallerThanBytes !== null;
  if (rule.abortUploadsAfterDays !== null && (tags.length > 0 || limitsSize))
    throw new Refusal(
      "InvalidRequest",
      "AbortIncompleteMultipartUpload cannot be specified with Tags or object sizes.",
    );
  if (largerThanBytes !== null && smallerThanBytes !== null && smallerThanBytes <= largerThanBytes + 1)
    throw new Refusal("InvalidRequest", "ObjectSizeLessThan must be more than ObjectSizeGreaterThan.");
  for (const { newerVersions } of [
    ...(noncurrentExpiration === null ? [] : [noncurrentExpiration]),
    ...rule.noncurrentTransitions,
  ])
    if (newerVersions !== null && newerVersions > MAX_NEWER_VERSIONS)
      throw wrong(`NewerNoncurrentVersions must be between 1 and ${MAX_NEWER_VERSIONS}.`);
  requireTransitions(rule);
}

function acts(rule: LifecycleRule): boolean {
  const { expiration, expiresDeleteMarkers, noncurrentExpiration, abortUploadsAfterDays } = rule;
  const isSet = expiration !== null || noncurrentExpiration !== null || abortUploadsAfterDays !== null;
  return isSet || expiresDeleteMarkers || rule.transitions.length + rule.noncurrentTransitions.length > 0;
}

function requireTransitions({
  transitions,
  noncurrentTransitions,
  expiration,
  noncurrentExpiration,
}: LifecycleRule): void {
  const afters = [...transitions.map(({ after }) => after), ...(expiration === null ? [] : [expiration])];
  if (new Set(afters.map((after) => "days" in after)).size > 1)
    throw new Refusal(
      "InvalidRequest",
      "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule.",
    );
  for (const after of afters)
    if ("date" in after && Date.parse(after.date) % DAY_MS !== 0) throw wrong("'Date' must be at midnight GMT");
  requireSteps(
    transitions.map(({ after, storageClass }) => ({ days: dayOf(after), isDated: "date" in after, storageClass })),
    expiration === null ? null : dayOf(expiration),
  );
  requireSteps(
    noncurrentTransitions.map(({ days, storageClass }) => ({ days, isDated: false, storageClass })),
    noncurrentExpiration?.days ?? null,
  );
}

interface Step {
  readonly days: number;
  readonly isDated: boolean;
  readonly storageClass: StorageClass;
}

function requireSteps(steps: readonly Step[], expirationDays: number | null): void {
  const isRare = ({ storageClass }: Step) => storageClass === "STANDARD_IA" || storageClass === "ONEZONE_IA";
  for (const step of steps) {
    if (isRare(step) && !step.isDated && step.days < INFREQUENT_DAYS)
      throw wrong(
        `'Days' in Transition action must be greater than or equal to ${INFREQUENT_DAYS} for storageClass '${step.storageClass}'`,
      );
    if (expirationDays !== null && expirationDays <= step.days)
      throw wrong("'Days' in the Expiration action must be greater than that of every Transition action");
    for (const other of steps) {
      const isLower = DOWNWARDS.indexOf(other.storageClass) > DOWNWARDS.indexOf(step.storageClass);
      if (other !== step && other.storageClass === step.storageClass)
        throw wrong("A storage class occurs twice in the transitions of a rule.");
      if (isLower && other.days < step.days + (isRare(step) ? INFREQUENT_DAYS : 1))
        throw wrong(
          `'Days' of the transition to ${other.storageClass} is too close behind that to ${step.storageClass}`,
        );
    }
  }
}

function dayOf(after: After): number {
  return "days" in after ? after.days : Date.parse(after.date) / DAY_MS;
}

function wrong(message: string): Refusal {
  return new Refusal("InvalidArgument", message);
}
