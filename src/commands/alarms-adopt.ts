/** `alarms adopt`: the policy fragment for live alarms that nobody has declared, to start from. Changes nothing. */
import { Document, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import type { Artifact } from "../core/report.ts";
import { alarmRefusal } from "../policy/refusal.ts";
import type { LiveAlarm } from "../ports/cloudwatch.ts";
import { type Adopted, adoptAlarms } from "../rules/alarms/adopt.ts";
import { type AdoptedAlerts, adoptAlerts } from "../rules/alarms/adopt-alerts.ts";
import { type LoadedAlarms, loadAlarms } from "./alarm-policy.ts";
import { ourHome } from "./aws-home.ts";
import type { Context } from "./context.ts";

export const input = z.strictObject({
  alarms: z.array(z.string()),
  atlas: z.prefault(z.boolean(), false),
});

export async function run({ alarms, atlas }: z.output<typeof input>, context: Context): Promise<Artifact> {
  const loaded = await loadAlarms(context);
  const home = await ourHome(context, loaded.policy);
  context.progress.phase("reading live alarms");
  const live = alarms.length > 0 ? await named(context, alarms) : await undeclared(context, loaded);
  const adopted = adoptAlarms(live, {
    home,
    notify: loaded.alarms.notify,
    topics: loaded.policy.topics,
    refusalOf: alarmRefusal,
  });
  const alerts = atlas ? await adoptFromAtlas(context, loaded) : NO_ALERTS;
  return fragment(loaded.alarms.owned, adopted, alerts);
}

async function named(context: Context, names: readonly string[]): Promise<readonly LiveAlarm[]> {
  const live = await (await context.cloudwatch()).alarmsByName(names);
  const missing = names.find((name) => !live.some((alarm) => alarm.name === name));
  if (missing === undefined) return live;
  throw new OpsError("not-found", `there is no alarm ${missing} in CloudWatch`, {
    hint: "litally-ops alarms list shows those with the owned prefix",
  });
}

/** Of the owned prefix, and neither declared nor excepted. */
async function undeclared(context: Context, { alarms, declared }: LoadedAlarms): Promise<readonly LiveAlarm[]> {
  const known = new Set([...declared.alarms.map(({ name }) => name), ...alarms.exceptions]);
  const live: LiveAlarm[] = [];
  for await (const page of (await context.cloudwatch()).alarmPages(alarms.owned, "all"))
    live.push(...page.filter(({ name }) => !known.has(name)));
  return live;
}

const NO_ALERTS: AdoptedAlerts = { declared: [], left: [] };

async function adoptFromAtlas(context: Context, { policy, alarms, declared }: LoadedAlarms): Promise<AdoptedAlerts> {
  const configs = await (await context.atlas()).listAlertConfigs(policy.atlas.projectId);
  return adoptAlerts(configs, { prefix: alarms.owned, declared, refusalOf: alarmRefusal });
}

/** A part of a policy as YAML, with what is to be known of it as comments. */
function fragment(owned: string, { declared, exceptions }: Adopted, alerts: AdoptedAlerts): Artifact {
  const entries = [...declared, ...alerts.declared];
  const content = {
    alarms: {
      ...(exceptions.length === 0 ? {} : { exceptions: exceptions.map(({ name }) => name) }),
      declared: entries.map(({ entry }) => entry),
    },
  };
  const document = new Document(content);
  document.commentBefore = headOf(owned, entries.length, exceptions.length);
  for (const [index, { reason }] of exceptions.entries()) remark(document, ["alarms", "exceptions", index], [reason]);
  for (const [index, { notes }] of entries.entries()) remark(document, ["alarms", "declared", index], notes);
  const left = alerts.left.map(({ id, reason }) => `# left in Atlas: ${id}: ${reason}\n`).join("");
  const body = document.toString({ lineWidth: 0 }) + left;
  return { kind: "artifact", command: "alarms adopt", mediaType: "application/yaml", body, content };
}

function headOf(owned: string, declared: number, exceptions: number): string {
  if (declared + exceptions === 0) return ` every live alarm that begins with ${owned} is declared: nothing to adopt`;
  return ` live alarms that the policy did not declare: put what stands here under alarms: of the policy,\n then look: litally-ops alarms audit`;
}

function remark(document: Document, path: readonly (string | number)[], notes: readonly string[]): void {
  if (notes.length === 0) return;
  const node = document.getIn(path, true) as Scalar | YAMLMap | YAMLSeq; // it was put there above
  node.commentBefore = notes.map((note) => ` ${note}`).join("\n");
}
