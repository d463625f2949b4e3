/** Whether the rules of a bucket leave an archive alone for as long as it must be kept. */
import { formatInstant } from "../../core/instant.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { BucketSettings, LifecycleRule } from "../../ports/s3.ts";
import { type KeptVersion, type LifecycleEvent, lifecycleOf } from "./lifecycle.ts";

/** `role`: a manifest must be readable at once, for ever; the rest only as its class allows. */
export interface KeptObject {
  readonly role: "manifest" | "data";
  readonly version: KeptVersion;
}

type Versioning = Extract<BucketSettings["versioning"], { known: true }>["value"];

/** What may happen to any of the objects before `keptUntil`, in one verdict: the worst of them. */
export function judgeKept(
  objects: readonly KeptObject[],
  rules: readonly LifecycleRule[],
  versioning: Versioning,
  keptUntil: Date,
): Verdict {
  const harms = objects.flatMap((object) =>
    lifecycleOf(object.version, rules, versioning)
      .filter(({ earliestAt }) => earliestAt < keptUntil)
      .map((event) => ({ object, event, harm: harmOf(object, event) })),
  );
  const evidence = { expected: `untouched until ${keptUntil.toISOString()}` };
  const certain = harms.find(({ event, harm }) => harm === "grave" && event.isCertain);
  if (certain !== undefined) return fail(describe(certain.object, certain.event, "will"), evidence);
  const possible = harms.find(({ harm }) => harm === "grave");
  if (possible !== undefined)
    return unknown(`${describe(possible.object, possible.event, "may")}: its rule cannot tell`, evidence);
  const slight = harms.find(({ harm }) => harm === "slight");
  if (slight !== undefined) return warn(describe(slight.object, slight.event, "will"), evidence);
  return pass(`no rule touches it before ${formatInstant(keptUntil)}`, evidence);
}

/** Moving a manifest to another class that is read at once does no harm but surprise. */
function harmOf({ role }: KeptObject, { kind, storageClass }: LifecycleEvent): "grave" | "slight" {
  if (kind !== "moves" || role === "data") return "grave";
  return storageClass === "STANDARD_IA" || storageClass === "ONEZONE_IA" || storageClass === "GLACIER_IR"
    ? "slight"
    : "grave";
}

function describe(
  { version }: KeptObject,
  { kind, earliestAt, ruleId, storageClass }: LifecycleEvent,
  verb: string,
): string {
  const what = kind === "moves" ? `move to ${storageClass}` : WORDS[kind];
  return `rule ${ruleId} ${verb} have ${version.key} ${what} from ${formatInstant(earliestAt)} on`;
}

const WORDS = { hides: "hidden by a delete marker", deletes: "deleted for good" } as const;
