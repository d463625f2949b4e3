/** Settings of an alarm as they are written, and as they were read. */
import { known } from "../../core/observed.ts";
import type { AlarmSettings, Seen } from "../../ports/cloudwatch.ts";

/** As if they had been read. */
export function seen(settings: AlarmSettings): Seen<AlarmSettings> {
  return {
    description: known(settings.description),
    actionsEnabled: known(settings.actionsEnabled),
    alarmActions: known(settings.alarmActions),
    okActions: known(settings.okActions),
    insufficientDataActions: known(settings.insufficientDataActions),
    measure: known(settings.measure),
    comparison: known(settings.comparison),
    threshold: known(settings.threshold),
    evaluationPeriods: known(settings.evaluationPeriods),
    datapointsToAlarm: known(settings.datapointsToAlarm),
    missingData: known(settings.missingData),
    lowSamples: known(settings.lowSamples),
  };
}

/** undefined: some of them could not be read. */
export function settled(live: Seen<AlarmSettings>): AlarmSettings | undefined {
  const entries = Object.entries(live);
  if (!entries.every(([, field]) => field.known)) return undefined;
  // every key of the one is a key of the other, and known
  return Object.fromEntries(
    entries.map(([key, field]) => [key, field.known ? field.value : null]),
  ) as unknown as AlarmSettings;
}
