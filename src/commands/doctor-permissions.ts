/** `doctor permissions --print`: the least that commands need in AWS and Atlas, from the calls that they can make. Asks nobody. */

import * as z from "zod/mini";
import { COMMAND_NAMES, type CommandName } from "../core/command-names.ts";
import { OpsError } from "../core/error.ts";
import type { Artifact } from "../core/report.ts";
import { didYouMean } from "../core/suggest.ts";
import type { Policy } from "../policy/schema.ts";
import { isMeasured } from "../rules/alarms/heartbeat.ts";
import {
  ALSO_BEATS_AS,
  CALLS,
  type Calls,
  isAwsCall,
  READING_RECORDS,
  RECORDED,
} from "../rules/permissions/commands.ts";
import type { Place } from "../rules/permissions/iam.ts";
import { type Needed, neededBy } from "../rules/permissions/needed.ts";
import { homeOf } from "./aws-home.ts";
import type { Context } from "./context.ts";
import { permissionsText } from "./permissions-text.ts";

export const input = z.strictObject({
  print: z.union([z.literal(true), z.array(z.string())]),
  exportBucket: z.optional(z.string()),
  iam: z.prefault(z.boolean(), false),
});

export async function run(given: z.output<typeof input>, context: Context): Promise<Artifact> {
  const commands = given.print === true ? COMMAND_NAMES : namedCommands(given.print);
  const place = await placeFor(commands, context, given.exportBucket ?? null);
  const needed = neededBy(commands, place);
  if (given.iam) return iamAlone(needed);
  return {
    kind: "artifact",
    command: "doctor permissions",
    mediaType: "text/plain",
    body: permissionsText(commands, needed, place),
    content: {
      commands: commands.map((name) => ({ name, ...CALLS[name] })),
      atlas: { roles: needed.roles, asked: needed.askedOfAtlas },
      iam: { policies: needed.documents, statements: needed.statements, notGranted: needed.notGranted },
    },
  };
}

const NAME_WORDS_MAX = 3;

/** `backup verify restore` is one command, and all of a noun. */
function namedCommands(given: readonly string[]): readonly CommandName[] {
  const words = given.flatMap((text) => text.split(/[\s,]+/)).filter((word) => word !== "");
  const found = new Set<CommandName>();
  let noun = "";
  for (let at = 0; at < words.length; ) {
    const lengths = Array.from({ length: NAME_WORDS_MAX }, (_, index) => NAME_WORDS_MAX - index);
    const meanings = lengths.map((length) => ({ length, meant: meantBy(words.slice(at, at + length).join(" ")) }));
    const longest = meanings.find(({ meant }) => meant.length > 0);
    if (longest === undefined)
      throw unknownCommand([noun, ...words.slice(at, at + (noun === "" ? 2 : 1))].join(" ").trim());
    noun = longest.meant.length > 1 ? words.slice(at, at + longest.length).join(" ") : "";
    for (const command of longest.meant) found.add(command);
    at += longest.length;
  }
  return COMMAND_NAMES.filter((command) => found.has(command));
}

function meantBy(name: string): readonly CommandName[] {
  const exact = COMMAND_NAMES.filter((command) => command === name);
  return exact.length > 0 ? exact : COMMAND_NAMES.filter((command) => command.startsWith(`${name} `));
}

function unknownCommand(name: string): OpsError {
  return new OpsError("usage", `--print: unknown command "${name}"${didYouMean(name, COMMAND_NAMES)}`, {
    hint: "name commands, such as backup verify, or a noun, such as backup; without a name, all are meant",
  });
}

/** Only the sections that matter are read: the variables of others need not be set. Null: there is no AWS account. */
async function placeFor(
  commands: readonly CommandName[],
  context: Context,
  exportBucket: string | null,
): Promise<Place | null> {
  const calls = commands.flatMap((command): Calls["needs"] => CALLS[command].needs).filter(isAwsCall);
  const { heartbeat } = (await context.policy("heartbeat")).policy;
  const schedules = new Set(heartbeat?.schedules.map(({ command }) => command));
  const scheduled = COMMAND_NAMES.filter(
    (command) => schedules.has(command) || schedules.has(ALSO_BEATS_AS[command] ?? command),
  );
  const { auditLog, environment } = (await context.policy("auditLog")).policy;
  const isRecorded = auditLog !== undefined && commands.some((one) => RECORDED.has(one) || READING_RECORDS.has(one));
  if (calls.length === 0 && !isRecorded && !commands.some((command) => scheduled.includes(command))) return null;
  const { policy } = await context.policy("aws", "heartbeat");
  if (policy.aws === undefined) return null;
  const calling = (...services: readonly string[]) => calls.some((call) => services.includes(call.split(" ")[0] ?? ""));
  const watch: Pick<Policy, "topics" | "alarms"> = calling("sns", "cloudwatch")
    ? (await context.policy("topics", "alarms")).policy
    : { topics: [] };
  return {
    ...homeOf(policy),
    archives: calling("s3") ? (await context.policy("archives")).policy.archives : [],
    exportBucket,
    records: auditLog === undefined ? null : { bucket: auditLog.bucket, prefix: `${auditLog.prefix}${environment}/` },
    topics: watch.topics.map(({ name }) => name),
    ownedAlarms: watch.alarms?.owned ?? null,
    heartbeats: isMeasured(policy) ? scheduled : [],
  };
}

/** To be handed to AWS as it is. */
function iamAlone({ documents }: Needed): Artifact {
  const [document, ...more] = documents;
  if (document === undefined)
    throw new OpsError("usage", "these commands need nothing in AWS", { hint: "leave out --iam" });
  if (more.length > 0)
    throw new OpsError("usage", `one IAM policy is too small for these commands: it takes ${documents.length}`, {
      hint: "name fewer commands, or take them from --json, under iam.policies",
    });
  const body = `${JSON.stringify(document, null, 2)}\n`;
  return { kind: "artifact", command: "doctor permissions", mediaType: "application/json", body, content: document };
}
