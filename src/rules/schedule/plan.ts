/**
 * The plan that brings a cluster's backup settings to the policy: what must hold before, and the steps in the order in
 * which Atlas takes them. The steps say what is to become so; how the body looks is settled when it is sent, from the
 * live settings of that moment.
 */
import type { Difference, Plan, PlannedStep } from "../../core/change.ts";
import { type Check, runChecks } from "../../core/check.ts";
import { known, type Observed } from "../../core/observed.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { CompliancePolicy } from "../../ports/atlas-changes.ts";
import { copiesConfigured } from "../backup/copies.ts";
import { type BackupFacts, ofCluster } from "../backup/facts.ts";
import { complianceProblems } from "./compliance.ts";
import { allOf, describeItem, differences, type SourceOf } from "./differences.ts";
import { type LiveSettings, readLive } from "./live.ts";
import { obstacles } from "./obstacles.ts";
import { type Options, wantedSettings } from "./wanted.ts";

export interface ScheduleFacts {
  readonly backup: BackupFacts;
  /** null: the project has no Backup Compliance Policy. */
  readonly compliance: Observed<CompliancePolicy | null>;
  readonly options: Options;
  readonly sourceOf: SourceOf;
}

/** `enable-backups`: Atlas then makes a schedule of its own, which is planned for anew. */
export type ScheduleStep = PlannedStep &
  (
    | { readonly kind: "enable-backups" | "enable-continuous" }
    /** `items`: the items alone, so that continuous backup can be turned on. */
    | { readonly kind: "set-schedule"; readonly part: "items" | "all" }
  );

export function planSchedule(facts: ScheduleFacts, subject: string): Plan<ScheduleStep> {
  const preconditions = runChecks(PRECONDITIONS, facts, subject);
  const isReady = preconditions.every(({ status }) => status === "pass" || status === "warn");
  return { preconditions, steps: isReady ? stepsOf(facts, subject) : shownSteps(facts, subject) };
}

/** What is not as the policy wants it; not known where the live settings cannot be read. */
export function openDifferences(facts: ScheduleFacts): Observed<readonly Difference[]> {
  const settings = settingsOf(facts);
  if (!settings.known) return settings;
  const { live, wanted } = settings.value;
  return known(allOf(differences(live, wanted, facts.backup.database, facts.sourceOf)));
}

/** Also of a plan that is refused one wants to see what it would do, as far as that can be told. */
function shownSteps(facts: ScheduleFacts, subject: string): readonly ScheduleStep[] {
  return settingsOf(facts).known ? stepsOf(facts, subject) : [];
}

export interface Settings {
  readonly live: LiveSettings;
  readonly wanted: LiveSettings;
}

export function settingsOf({ backup, options }: ScheduleFacts): Observed<Settings> {
  const live = readLive(backup);
  return live.known ? known({ live: live.value, wanted: wantedSettings(live.value, backup.database, options) }) : live;
}

function stepsOf(facts: ScheduleFacts, subject: string): readonly ScheduleStep[] {
  const { cluster: name } = facts.backup.database;
  const base = { subject, confirm: name };
  if (areBackupsOff(facts.backup)) return [{ ...base, kind: "enable-backups", ...ENABLE_BACKUPS }];
  const settings = settingsOf(facts);
  if (!settings.known) return [];
  const { live, wanted } = settings.value;
  const open = differences(live, wanted, facts.backup.database, facts.sourceOf);
  const set = { ...base, kind: "set-schedule", summary: `set the backup schedule of ${name}` } as const;
  const steps: readonly ScheduleStep[] =
    open.cluster.length === 0
      ? [{ ...set, part: "all", differences: allOf(open) }]
      : [
          { ...set, part: "items", differences: open.items },
          {
            ...base,
            kind: "enable-continuous",
            summary: `turn continuous backup of ${name} on`,
            differences: open.cluster,
          },
          { ...set, part: "all", differences: open.rest },
        ];
  return steps.filter((step) => step.differences.length > 0);
}

const ENABLE_BACKUPS = {
  summary: "turn cloud backup on, then bring the schedule that Atlas makes to the policy",
  differences: [{ setting: "cloud backup", source: null, wanted: "on", live: "off", effect: "adds" }],
} as const satisfies Pick<ScheduleStep, "summary" | "differences">;

function areBackupsOff(facts: BackupFacts): boolean {
  const enabled = ofCluster(facts, (cluster) => cluster.backupEnabled);
  return enabled.known && !enabled.value;
}

const cluster: Check<ScheduleFacts> = {
  id: "schedule/cluster",
  title: "the cluster takes changes to its backup settings",
  remedy: ({ backup: { database } }) => `look at the cluster: atlas clusters describe ${database.cluster}`,
  judge: ({ backup }) => {
    if (!backup.cluster.known) return unknown(backup.cluster.reason);
    const found = backup.cluster.value;
    if (found === null) return fail(`Atlas knows no cluster "${backup.database.cluster}" in this project`);
    if (found.offering === "flex") return fail("a flex cluster: nothing about its backups can be set");
    if (found.freeTier) return fail("a free or shared cluster: Atlas takes no backups of it");
    if (!found.paused.known) return unknown(found.paused.reason);
    if (found.paused.value) return fail("the cluster is paused: Atlas takes no changes");
    if (!found.state.known) return unknown(found.state.reason);
    const { value: state } = found.state;
    if (state === "DELETING" || state === "CREATING") return fail(`the cluster is ${state.toLowerCase()}`);
    return state === "IDLE" ? pass("idle") : warn(`the cluster is ${state.toLowerCase()}: Atlas may ask to wait`);
  },
};

const readable: Check<ScheduleFacts> = {
  id: "schedule/readable",
  title: "the live settings can be read whole",
  remedy: () => "a schedule is sent whole: what cannot be read would be lost. Mend the access, or update litally-ops",
  judge: (facts) => {
    if (areBackupsOff(facts.backup)) return pass("cloud backup is off: there is no schedule yet");
    const live = readLive(facts.backup);
    return live.known
      ? pass(`${live.value.items.length} schedule items, ${live.value.copies.length} copy settings`)
      : unknown(live.reason);
  },
};

const possible: Check<ScheduleFacts> = {
  id: "schedule/possible",
  title: "Atlas can be told what the policy wants",
  remedy: ({ backup: { database } }) => `change the policy (database ${database.name}) or the cluster`,
  judge: (facts) => {
    const settings = settingsOf(facts);
    if (!settings.known)
      return areBackupsOff(facts.backup) ? pass("nothing stands against it") : unknown(settings.reason);
    const { live, wanted } = settings.value;
    const found = obstacles(live, wanted, facts.backup.database, (region) => isCopied(facts.backup, region));
    return found.length === 0 ? pass("nothing stands against it") : found;
  },
};

/** As `backup verify` judges it. */
function isCopied(facts: BackupFacts, region: string): boolean {
  const verdicts = [copiesConfigured.judge(facts)].flat();
  return verdicts.some(({ scope, status }) => scope === region && status === "pass");
}

const compliance: Check<ScheduleFacts> = {
  id: "schedule/compliance",
  title: "the Backup Compliance Policy allows it",
  remedy: () => "ask those who answer for the Backup Compliance Policy; litally-ops never changes one",
  judge: (facts) => {
    const settings = settingsOf(facts);
    const loosens = settings.known && openLoosening(facts);
    if (!facts.compliance.known) {
      const message = `whether a Backup Compliance Policy is in force cannot be read: ${facts.compliance.reason.message}`;
      return loosens
        ? unknown(message)
        : {
            ...warn(`${message}; Atlas itself would refuse what it forbids`),
            remedy: 'give the key "Project Owner" to know beforehand',
          };
    }
    if (facts.compliance.value === null) return pass("none is in force");
    if (!settings.known) return areBackupsOff(facts.backup) ? pass("backups are turned on") : unknown(settings.reason);
    return complianceProblems(facts.compliance.value, settings.value.live, settings.value.wanted);
  },
};

/** Told, so that nobody takes what stays for what was wanted. */
const unnamed: Check<ScheduleFacts> = {
  id: "schedule/unnamed",
  title: "what the policy does not name stays",
  remedy: ({ backup: { database } }) => `name it in the policy (database ${database.name})`,
  judge: (facts) => {
    const settings = settingsOf(facts);
    if (!settings.known) return [];
    const { snapshots, copies, continuousBackup } = facts.backup.database;
    const named = new Set<string>(snapshots.map(({ frequency }) => frequency));
    if (continuousBackup !== undefined) named.add("hourly");
    const items = settings.value.wanted.items.filter(({ frequency }) => !named.has(frequency));
    const others = settings.value.wanted.copies.filter((kept) => !copies.some(({ region }) => region === kept.region));
    const stay = [
      ...items.map((item) => `${item.frequency} snapshots ${describeItem(item)}`),
      ...others.map(({ region }) => `copies to ${region}`),
    ];
    return stay.length === 0 ? [] : pass(`${stay.join("; ")}: not in the policy, and they stay`);
  },
};

function openLoosening(facts: ScheduleFacts): boolean {
  const open = openDifferences(facts);
  return open.known && open.value.some(({ effect }) => effect === "loosens");
}

const PRECONDITIONS: readonly Check<ScheduleFacts>[] = [cluster, readable, possible, compliance, unnamed];
