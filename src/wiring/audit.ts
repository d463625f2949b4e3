/** The record of operators' acts for one run: as whom, where to, and what is hidden from it. Loaded when something is to be changed. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { credentialsFromEnv } from "../adapters/atlas/credentials.ts";
import { AWS_LIMITS, type AwsLimits } from "../adapters/aws/client.ts";
import { folderShelf } from "../adapters/folder-shelf.ts";
import type { OpenRequest } from "../cli/host.ts";
import { s3Shelf } from "../commands/audit-s3.ts";
import type { Audit } from "../commands/context.ts";
import { recordActs } from "../commands/record-acts.ts";
import type { Clock } from "../core/clock.ts";
import type { Environment } from "../core/environment.ts";
import { toOpsError } from "../core/error.ts";
import { once } from "../core/once.ts";
import type { Finding } from "../core/report.ts";
import type { Run, Who } from "../rules/audit/record.ts";
import { type AwsOpening, type AwsPlace, awsPorts } from "./aws.ts";

export interface AuditOpening extends Pick<AwsOpening, "opened"> {
  readonly machine: {
    /** Of the process: who it is run by, whatever world is asked. */
    readonly env: Environment;
    readonly stateDir: string;
    readonly toolVersion: string;
    readonly userAtMachine: () => string;
    readonly uniqueWord: () => string;
  };
  readonly request: Pick<OpenRequest, "command" | "argv" | "flags" | "log" | "secrets">;
  readonly place: AwsPlace;
  readonly world: string | undefined;
  readonly clock: Clock;
  /** What is wrong with the keeping is put here, each once. */
  readonly unrecorded: Finding[];
}

/** Nobody waits long for a log: a restore at night least of all. */
const LIMITS: AwsLimits = { ...AWS_LIMITS, credentialsMs: 3_000, headersMs: 5_000, callMs: 8_000, attempts: 2 };

export async function openAudit(opening: AuditOpening): Promise<Audit> {
  const { machine, request, place, world, clock, opened, unrecorded } = opening;
  const isWorldOfRun = request.flags.sandbox !== undefined;
  const { environment, auditLog } = (await place.policy("auditLog")).policy;
  const folder = world === undefined ? "audit" : "rehearsals";
  const local = folderShelf(join(machine.stateDir, folder, environment));
  const aws = awsPorts({
    by: { version: machine.toolVersion, command: request.command },
    signal: new AbortController().signal, // what was begun is told, also after a stop
    clock,
    place: async () => place,
    opened,
    limits: LIMITS,
    log: request.flags.debug ? request.log : undefined,
  });
  const acts = recordActs({
    clock,
    uniqueWord: machine.uniqueWord,
    redact: request.secrets.apply,
    sha256: (text) => createHash("sha256").update(text, "utf8").digest("hex"),
    run: once(
      async (): Promise<Run> => ({
        environment,
        ...(world === undefined ? {} : { sandbox: world }),
        command: request.command,
        argv: request.argv,
        tool: machine.toolVersion,
        who: await whoFor(opening, aws.aws),
      }),
    ),
    local,
    remote: async () =>
      auditLog === undefined || isWorldOfRun ? null : s3Shelf(await aws.s3(), auditLog, environment),
    isRehearsal: world !== undefined,
    tell: (finding) => {
      if (!unrecorded.some(({ message }) => message === finding.message)) unrecorded.push(finding);
    },
  });
  return { acts, local, isWorldOfRun };
}

async function whoFor({ machine, place }: AuditOpening, aws: ReturnType<typeof awsPorts>["aws"]): Promise<Who> {
  const github = githubRun(machine.env);
  return {
    os: await orWhyNot(async () => machine.userAtMachine()),
    ...(github === undefined ? {} : { github }),
    aws: await orWhyNot(async () => (await (await aws()).identity()).arn),
    atlas: await orWhyNot(async () => {
      const credentials = credentialsFromEnv(place.env);
      return credentials.kind === "api-key"
        ? `API key ${credentials.publicKey}`
        : `service account ${credentials.clientId}`;
    }),
  };
}

/** Who did it is told as far as it is known: that it is not known ends nothing. */
async function orWhyNot(tell: () => Promise<string>): Promise<string> {
  try {
    return await tell();
  } catch (error) {
    return `not known: ${toOpsError(error).message}`;
  }
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/variables */
function githubRun(env: Environment): Who["github"] {
  if (env["GITHUB_ACTIONS"] !== "true") return undefined;
  const { GITHUB_ACTOR: actor = "", GITHUB_TRIGGERING_ACTOR: triggeredBy = "" } = env;
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  return { actor, triggeredBy, run: `${server}/${repository}/actions/runs/${run}` };
}
