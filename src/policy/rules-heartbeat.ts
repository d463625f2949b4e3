import { COMMAND_NAMES } from "../core/command-names.ts";
import { heartbeatAlarmNames, silenceOf } from "../core/heartbeat.ts";
import { didYouMean } from "../core/suggest.ts";
import type { Path, Problem } from "./problem.ts";
import type { Judged } from "./rules.ts";
import { namesOf, usedTwice } from "./rules-names.ts";
import type { Draft, HeartbeatPolicy, SchedulePolicy } from "./schema.ts";

/** Schedules whose silence nobody would notice, and urls that are none or that stand in the file. */
export function heartbeatProblems(judged: Judged): readonly Problem[] {
  const { heartbeat } = judged.policy;
  if (heartbeat === undefined) return [];
  const schedules = heartbeat.schedules ?? [];
  return [
    ...usedTwice(judged, namesOf(heartbeat.schedules, ["heartbeat", "schedules"], "command")),
    ...urlProblems(judged, ["heartbeat", "url"], heartbeat.url),
    ...hearingProblems(judged, heartbeat),
    ...sharedUrls(judged, schedules),
    ...schedules.flatMap((schedule, index) => {
      if (schedule === undefined) return [];
      const path = ["heartbeat", "schedules", index];
      return [
        ...commandProblems(judged, schedule, [...path, "command"]),
        ...urlProblems(judged, [...path, "url"], schedule.url),
        ...silentProblems(judged, schedule, path),
        ...declaredTwice(judged, schedule, path),
      ];
    }),
  ];
}

/** A command that cannot run is always missed, and the one that was meant is missed by nobody. */
function commandProblems(judged: Judged, { command }: Schedule, path: Path): readonly Problem[] {
  if (command === undefined) return [];
  const text = `${judged.quote(path)} is no command${didYouMean(command, COMMAND_NAMES)}; write its name without flags`;
  if (!NAMES.has(command)) return [{ path, text }];
  const drill = "is once for each plan and has no rhythm; the plan of a drill beats as the drill: write restore drill";
  return command === "restore apply" ? [{ path, text: `${judged.quote(path)} ${drill}` }] : [];
}

const NAMES: ReadonlySet<string> = new Set(COMMAND_NAMES);

/** Whoever has the url can silence the watch: it comes from the environment, and is not quoted. */
function urlProblems(judged: Judged, path: Path, url: string | undefined): readonly Problem[] {
  const written = judged.written(path);
  if (written === undefined) return [];
  if (!/(?<!\$)\$\{/.test(written)) {
    return [{ path, text: `whoever reads this url can silence the watch; write \${NAME}, and set that variable` }];
  }
  if (url === undefined || isPingUrl(url)) return [];
  return [{ path, text: "as the environment has it, is no https url without user, ? and #; set it to one" }];
}

/** While one of the two runs, nobody hears that the other does not. */
function sharedUrls(judged: Judged, schedules: readonly (Schedule | undefined)[]): readonly Problem[] {
  const seen = new Set<string>();
  return schedules.flatMap((schedule, index) => {
    const path = ["heartbeat", "schedules", index, "url"];
    const url = (schedule?.url ?? judged.written(path))?.replace(/\/+$/, "");
    if (url === undefined) return [];
    const isShared = seen.has(url);
    seen.add(url);
    return isShared ? [{ path, text: SHARED }] : [];
  });
}

const SHARED = "is that of another schedule, which would keep quiet that this one does not run; give each its own";

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

function isPingUrl(text: string): boolean {
  if (!URL.canParse(text) || /[?#\s]/.test(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isSafe = protocol === "https:" || (protocol === "http:" && LOOPBACK.has(hostname));
  return isSafe && username === "" && password === "";
}

type Heartbeat = Draft<HeartbeatPolicy>;
type Schedule = Draft<SchedulePolicy>;

/** The alarms of the schedules must reach somebody. */
function hearingProblems(judged: Judged, { severity }: Heartbeat): readonly Problem[] {
  const { alarms } = judged.policy;
  if (severity === undefined || alarms?.notify?.[severity]?.length !== 0 || !isMeasured(judged)) return [];
  const text = `alarms.notify.${severity} names no topic, so that nobody would hear of a missed run; write one there`;
  return [{ path: ["heartbeat", "severity"], text }];
}

/** What nobody can tell from what stands here counts as well. */
function isMeasured({ policy, unclear }: Judged): boolean {
  return policy.heartbeat?.cloudwatch !== false && (policy.aws !== undefined || unclear(["aws"]));
}

function silentProblems(judged: Judged, schedule: Schedule, path: Path): readonly Problem[] {
  const isWritten = (at: Path) => judged.written(at) !== undefined || judged.unclear(at);
  if (isWritten([...path, "url"]) || isWritten(["heartbeat", "url"])) return [];
  if (!isMeasured(judged)) {
    return [{ path, text: "nobody outside would be told of its runs; write a url, or declare aws for its metric" }];
  }
  if (judged.policy.alarms === undefined && !judged.unclear(["alarms"])) {
    return [{ path, text: "no alarm could tell that it was missed; write alarms: { owned, notify }, or a url" }];
  }
  const { every, grace } = schedule;
  if (every === undefined || grace === undefined || silenceOf({ every, grace }) !== undefined) return [];
  if (isLookedAfter(judged)) return [];
  const text = `${judged.quote([...path, "every"])} and its grace are longer than a CloudWatch alarm looks back (7d)`;
  const remedy = "write a url, or a schedule of doctor that runs more often, for doctor --schedules to look after it";
  return [{ path, text: `${text}: nobody would notice that it was missed; ${remedy}` }];
}

/** By `doctor --schedules`, whose own silence an alarm tells. */
function isLookedAfter({ policy }: Judged): boolean {
  return (policy.heartbeat?.schedules ?? []).some((schedule) => {
    if (schedule?.command === undefined) return true; // it may be the one
    const { command, every, grace } = schedule;
    if (every === undefined || grace === undefined) return command === "doctor";
    return command === "doctor" && silenceOf({ every, grace }) !== undefined;
  });
}

/** The names of its alarms are taken. */
function declaredTwice({ policy }: Judged, { command }: Schedule, path: Path): readonly Problem[] {
  const { owned, declared = [], exceptions = [] } = policy.alarms ?? {};
  if (owned === undefined || command === undefined) return [];
  const taken = new Set([...declared.map((alarm) => alarm?.name), ...exceptions]);
  return Object.values(heartbeatAlarmNames(owned, command))
    .filter((name) => taken.has(name))
    .map((name) => ({ path, text: `it becomes the alarm ${name}, which stands under alarms too; remove it there` }));
}
