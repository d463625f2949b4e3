import { type PolicyDocument, quote, writtenText } from "./document.ts";
import type { Reading } from "./explain.ts";
import type { Path, Problem } from "./problem.ts";
import { alarmProblems } from "./rules-alarms.ts";
import { archiveProblems } from "./rules-archives.ts";
import { databaseProblems } from "./rules-databases.ts";
import { heartbeatProblems } from "./rules-heartbeat.ts";
import { waiverProblems } from "./rules-waivers.ts";
import type { Draft, Policy } from "./schema.ts";

/**
 * What no single field can tell: references, names used twice, and policies that cannot be kept. A rule speaks only
 * about what could be read; nothing it says holds a value from the environment, for it quotes what was written.
 */
export interface Judged {
  readonly policy: Draft<Policy>;
  readonly unclear: (path: Path) => boolean;
  /** What was written at the path, for a sentence. */
  readonly quote: (path: Path) => string;
  /** The text that was written at the path. */
  readonly written: (path: Path) => string | undefined;
}

export function policyProblems(reading: Reading, document: PolicyDocument): readonly Problem[] {
  const judged: Judged = {
    policy: reading.draft,
    unclear: reading.unclear,
    quote: (path) => quote(document, path),
    written: (path) => writtenText(document, path),
  };
  return [
    ...accountProblems(judged),
    ...databaseProblems(judged),
    ...archiveProblems(judged),
    ...alarmProblems(judged),
    ...waiverProblems(judged),
    ...heartbeatProblems(judged),
    ...auditLogProblems(judged),
  ];
}

/** What an archive would take for a stranger's, and lock rules that were made for archives. */
function auditLogProblems({ policy, quote }: Judged): readonly Problem[] {
  const { bucket, prefix } = policy.auditLog ?? {};
  const shared = policy.archives?.find((archive) => {
    if (archive?.bucket !== bucket || archive?.prefix === undefined || prefix === undefined) return false;
    return prefix.startsWith(archive.prefix) || archive.prefix.startsWith(prefix);
  });
  if (bucket === undefined || shared === undefined) return [];
  const path = ["auditLog", "prefix"];
  return [{ path, text: `${quote(path)} lies in the folder of an archive of the same bucket; write another` }];
}

/** Whatever lives in AWS needs the account that it is in. */
function accountProblems({ policy, unclear }: Judged): readonly Problem[] {
  if (policy.aws !== undefined || unclear(["aws"])) return [];
  const watched = policy.alarms?.declared?.some((alarm) => alarm?.engine === "cloudwatch");
  const users = [
    ...(policy.archives?.length ? ["archives"] : []),
    ...(policy.topics?.length ? ["topics"] : []),
    ...(watched === true ? ["CloudWatch alarms"] : []),
    ...(policy.heartbeat?.cloudwatch === true ? ["the heartbeat's metrics"] : []),
    ...(policy.auditLog === undefined ? [] : ["the records of auditLog"]),
  ];
  if (users.length === 0) return [];
  return [{ path: ["aws"], text: `is missing, and ${users.join(", ")} need it; write aws: { accountId, region }` }];
}
