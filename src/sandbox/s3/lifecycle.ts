/** A bucket's lifecycle rules as XML: read, held against S3's own rules, and told again. lifecycle-rules.ts holds those. */
import type { Elements } from "../aws-wire.ts";
import { change } from "./buckets.ts";
import type { Call, Reply } from "./call.ts";
import { STORAGE_CLASSES } from "./declared.ts";
import { requireLifecycleRules } from "./lifecycle-rules.ts";
import type { After, LifecycleRule, Noncurrent } from "./model.ts";
import { Refusal } from "./refusal.ts";
import { newId } from "./versions.ts";
import { child, children, malformed, type Node, oneOf, textOf, wholeOf } from "./xml.ts";

const MINIMUM_SIZES = ["all_storage_classes_128K", "varies_by_storage_class"];
const MINIMUM_SIZE_HEADER = "x-amz-transition-default-minimum-object-size";

export function getLifecycle({ bucket }: Call): Reply {
  const { lifecycle } = bucket;
  if (lifecycle === null)
    throw new Refusal("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist");
  return {
    headers: { [MINIMUM_SIZE_HEADER]: lifecycle.minimumTransitionSize },
    xml: { LifecycleConfiguration: { Rule: lifecycle.rules.map(ruleElements) } },
  };
}

/** All rules at once: what was there before is gone. */
export async function putLifecycle(call: Call): Promise<Reply> {
  const rules = children(await call.xml("LifecycleConfiguration"), "Rule").map(readRule);
  requireLifecycleRules(rules);
  const [usual = "", ...others] = MINIMUM_SIZES;
  const minimumTransitionSize = call.request.header(MINIMUM_SIZE_HEADER) ?? usual;
  if (![usual, ...others].includes(minimumTransitionSize))
    throw new Refusal("InvalidRequest", `${MINIMUM_SIZE_HEADER} is none of ${MINIMUM_SIZES.join(", ")}.`);
  return {
    ...change(call, { lifecycle: { rules, minimumTransitionSize } }),
    headers: { [MINIMUM_SIZE_HEADER]: minimumTransitionSize },
  };
}

export function deleteLifecycle(call: Call): Reply {
  return change(call, { lifecycle: null }, 204);
}

function readRule(node: Node): LifecycleRule {
  const status = oneOf(node, "Status", ["Enabled", "Disabled"]);
  const oldPrefix = textOf(node, "Prefix");
  const filter = child(node, "Filter");
  if (status === undefined || (oldPrefix === undefined) === (filter === undefined)) throw malformed();
  const expiration = child(node, "Expiration");
  const noncurrent = child(node, "NoncurrentVersionExpiration");
  return {
    id: textOf(node, "ID") || newId(),
    enabled: status === "Enabled",
    isOldForm: filter === undefined,
    ...readFilter(filter),
    ...(oldPrefix === undefined ? {} : { prefix: oldPrefix }),
    expiration: expiration === undefined ? null : readAfter(expiration, 1),
    expiresDeleteMarkers: oneOf(expiration, "ExpiredObjectDeleteMarker", ["true", "false"]) === "true",
    noncurrentExpiration: noncurrent === undefined ? null : readNoncurrent(noncurrent, 1),
    transitions: children(node, "Transition").map((transition) => {
      const after = readAfter(transition, 0);
      if (after === null) throw malformed();
      return { after, storageClass: classOf(transition) };
    }),
    noncurrentTransitions: children(node, "NoncurrentVersionTransition").map((transition) => ({
      ...readNoncurrent(transition, 0),
      storageClass: classOf(transition),
    })),
    abortUploadsAfterDays: wholeOf(child(node, "AbortIncompleteMultipartUpload"), "DaysAfterInitiation", 1) ?? null,
  };
}

type Filter = Pick<LifecycleRule, "prefix" | "tags" | "largerThanBytes" | "smallerThanBytes">;

/** One condition, or several joined by And. */
function readFilter(filter: Node | undefined): Filter {
  const and = child(filter, "And");
  const found = readConditions(and ?? filter);
  if (and === undefined ? conditionCount(found) > 1 : conditionCount(found) < 2)
    throw malformed("A filter has one condition, or And with several.");
  return found;
}

function readConditions(node: Node | undefined): Filter {
  return {
    prefix: textOf(node, "Prefix") ?? null,
    tags: children(node, "Tag").map((tag) => ({ key: textOf(tag, "Key") ?? "", value: textOf(tag, "Value") ?? "" })),
    largerThanBytes: wholeOf(node, "ObjectSizeGreaterThan", 0) ?? null,
    smallerThanBytes: wholeOf(node, "ObjectSizeLessThan", 1) ?? null,
  };
}

function readAfter(node: Node, leastDays: number): After | null {
  const days = wholeOf(node, "Days", leastDays);
  const date = textOf(node, "Date");
  if (days !== undefined && date !== undefined) throw malformed();
  if (days !== undefined) return { days };
  if (date === undefined) return null;
  const at = new Date(date);
  if (Number.isNaN(at.getTime())) throw malformed();
  return { date: at.toISOString() };
}

function readNoncurrent(node: Node, leastDays: number): Noncurrent {
  const days = wholeOf(node, "NoncurrentDays", leastDays);
  if (days === undefined) throw malformed("NoncurrentDays is missing.");
  return { days, newerVersions: wholeOf(node, "NewerNoncurrentVersions", 1) ?? null };
}

function classOf(node: Node): LifecycleRule["transitions"][number]["storageClass"] {
  const storageClass = oneOf(node, "StorageClass", STORAGE_CLASSES);
  if (storageClass === undefined || storageClass === "STANDARD")
    throw malformed("There is no transition to this class.");
  return storageClass;
}

function ruleElements(rule: LifecycleRule): Elements {
  const { expiration, expiresDeleteMarkers, noncurrentExpiration, abortUploadsAfterDays } = rule;
  const hasExpiration = expiration !== null || expiresDeleteMarkers;
  return {
    ID: rule.id,
    ...(rule.isOldForm ? { Prefix: rule.prefix ?? "" } : { Filter: filterElements(rule) }),
    Status: rule.enabled ? "Enabled" : "Disabled",
    Transition: rule.transitions.map(({ after, storageClass }) => ({
      ...afterElements(after),
      StorageClass: storageClass,
    })),
    Expiration: hasExpiration
      ? {
          ...(expiration === null ? {} : afterElements(expiration)),
          ExpiredObjectDeleteMarker: expiresDeleteMarkers ? true : undefined,
        }
      : undefined,
    NoncurrentVersionTransition: rule.noncurrentTransitions.map((transition) => ({
      ...noncurrentElements(transition),
      StorageClass: transition.storageClass,
    })),
    NoncurrentVersionExpiration: noncurrentExpiration === null ? undefined : noncurrentElements(noncurrentExpiration),
    AbortIncompleteMultipartUpload:
      abortUploadsAfterDays === null ? undefined : { DaysAfterInitiation: abortUploadsAfterDays },
  };
}

function filterElements(rule: LifecycleRule): Elements {
  const { prefix, tags, largerThanBytes, smallerThanBytes } = rule;
  const conditions: Elements = {
    Prefix: prefix ?? undefined,
    Tag: tags.map(({ key, value }) => ({ Key: key, Value: value })),
    ObjectSizeGreaterThan: largerThanBytes ?? undefined,
    ObjectSizeLessThan: smallerThanBytes ?? undefined,
  };
  return conditionCount(rule) > 1 ? { And: conditions } : conditions;
}

function conditionCount({ prefix, tags, largerThanBytes, smallerThanBytes }: Filter): number {
  return [prefix, largerThanBytes, smallerThanBytes].filter((condition) => condition !== null).length + tags.length;
}

function afterElements(after: After): Elements {
  return "days" in after ? { Days: after.days } : { Date: after.date };
}

function noncurrentElements({ days, newerVersions }: Noncurrent): Elements {
  return { NoncurrentDays: days, NewerNoncurrentVersions: newerVersions ?? undefined };
}
