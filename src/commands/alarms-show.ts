/** `alarms show`: what the policy's alarms come to, in words or as the requests themselves. Asks nobody. */
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import type { Artifact } from "../core/report.ts";
import { didYouMean } from "../core/suggest.ts";
import { recipientWords } from "../rules/alarms/alerts.ts";
import { alertBody, putMetricAlarmInput } from "../rules/alarms/document.ts";
import { alarmWords, alertWords } from "../rules/alarms/words.ts";
import { type LoadedAlarms, loadAlarms } from "./alarm-policy.ts";
import type { Context } from "./context.ts";

export const input = z.strictObject({ alarms: z.array(z.string()), compiled: z.prefault(z.boolean(), false) });

export async function run({ alarms, compiled }: z.output<typeof input>, context: Context): Promise<Artifact> {
  const shown = chosen(await loadAlarms(context), alarms);
  return compiled ? requests(shown) : inWords(shown);
}

type Shown = LoadedAlarms["declared"];

function chosen({ declared }: LoadedAlarms, names: readonly string[]): Shown {
  const all = [...declared.alarms, ...declared.alerts].map(({ name }) => name);
  for (const name of names) {
    if (all.includes(name)) continue;
    throw new OpsError("usage", `the policy declares no alarm "${name}"${didYouMean(name, all)}`, {
      hint: "litally-ops alarms show names them all",
    });
  }
  const isAsked = ({ name }: { readonly name: string }) => names.length === 0 || names.includes(name);
  return { alarms: declared.alarms.filter(isAsked), alerts: declared.alerts.filter(isAsked) };
}

/** For `aws cloudwatch put-metric-alarm --cli-input-json` one by one, and for Atlas's createGroupAlertConfig. */
function requests({ alarms, alerts }: Shown): Artifact {
  const content = {
    cloudwatch: alarms.map(({ name, settings }) => putMetricAlarmInput({ name, settings, beyond: {} })),
    atlas: alerts.map(({ name, order }) => ({ name, body: alertBody(order) })),
  };
  const body = `${JSON.stringify(content, null, 2)}\n`;
  return { kind: "artifact", command: "alarms show", mediaType: "application/json", body, content };
}

function inWords({ alarms, alerts }: Shown): Artifact {
  const content = [
    ...alarms.map(({ name, severity, settings, sourceOf }) => {
      const tells = settings.alarmActions.map((arn) => arn.split(":").at(-1) ?? arn);
      return { name, engine: "cloudwatch", severity, fires: alarmWords(settings), tells, source: sourceOf("name") };
    }),
    ...alerts.map(({ name, severity, order, sourceOf }) => {
      const tells = order.notifications.map(recipientWords);
      return { name, engine: "atlas", severity, fires: alertWords(order), tells, source: sourceOf("name") };
    }),
  ];
  const body = content
    .map(({ name, engine, severity, fires, tells, source }) =>
      [
        `${name} (${severity}, ${engine}${source === null ? "" : `, ${source}`})`,
        `  fires  ${fires}`,
        `  tells  ${tells.join(", ") || "nobody"}`,
        "",
      ].join("\n"),
    )
    .join("\n");
  return { kind: "artifact", command: "alarms show", mediaType: "text/plain", body, content };
}
