/** Whether the archives of a database are what the policy says: every slot, every archive, and what stands beside them. */
import { type Check, runChecks } from "../../core/check.ts";
import type { Finding } from "../../core/report.ts";
import { deepRead } from "./deep.ts";
import { owedPeriods } from "./slots.ts";
import { type ArchiveFacts, ofMonth, type VerifyFacts } from "./verify-facts.ts";
import { lifecycle, lock, storageClass } from "./verify-keeping.ts";
import { inTime, manifest, source } from "./verify-manifest.ts";
import { content, objects } from "./verify-objects.ts";
import { monthsWithManifest, SERIES_CHECKS } from "./verify-series.ts";
import { type SlotFacts, slotFilled } from "./verify-slot.ts";

/** About `archive/<name>/<database>/<slot>` each; what is about an archive stands under its month. */
export function verifyArchives(facts: VerifyFacts): readonly Finding[] {
  const subject = `archive/${facts.archive.name}/${facts.database.name}`;
  const periods = owedPeriods(facts.archive, facts.observedAt);
  const months = facts.versions.known ? monthsWithManifest(facts, facts.versions.value) : [];
  return [
    ...periods.flatMap((period) =>
      period.slots.flatMap((slot) => runChecks(SLOT_CHECKS, { ...facts, slot, period }, `${subject}/${slot.name}`)),
    ),
    ...months.flatMap((month) => runChecks(ARCHIVE_CHECKS, ofMonth(facts, month), `${subject}/${month}`)),
    ...runChecks(SERIES_CHECKS, facts, subject),
  ];
}

const SLOT_CHECKS: readonly Check<SlotFacts>[] = [slotFilled];

const ARCHIVE_CHECKS: readonly Check<ArchiveFacts>[] = [
  manifest,
  source,
  inTime,
  objects,
  content,
  storageClass,
  lock,
  lifecycle,
  deepRead,
];
