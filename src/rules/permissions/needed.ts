/** What commands need taken together: roles in Atlas, statements of an IAM policy, and for which of the commands each is. */
import type { CommandName } from "../../core/command-names.ts";
import { ATLAS_ROLES, type AtlasOperation, type AtlasRole } from "../../ports/atlas-roles.ts";
import { type AwsCall, WHY_EVERYTHING } from "./aws-calls.ts";
import { ALONGSIDE, CALLS, type Call, type Calls, isAwsCall, READING_RECORDS, RECORDED } from "./commands.ts";
import { documentsOf, type Place, type PolicyDocument, type Statement, statementsFor } from "./iam.ts";
import { rolesFor } from "./roles.ts";

export interface Needed {
  readonly roles: readonly ({ readonly role: AtlasRole } & ForCommands)[];
  /** Atlas is asked for these too; without the role, the commands go on and say so. */
  readonly askedOfAtlas: readonly (Optional & ForCommands)[];
  readonly statements: readonly (StatementFor & ForCommands)[];
  readonly documents: readonly PolicyDocument[];
  /** Commands that call AWS for what the policy does not name. */
  readonly notGranted: readonly CommandName[];
}

interface ForCommands {
  readonly commands: readonly CommandName[];
}

interface Optional {
  readonly operation: AtlasOperation;
  readonly roles: readonly string[];
}

interface StatementFor {
  readonly sid: string;
  /** Of a statement about everything: why each of its actions is. */
  readonly why: Readonly<Record<string, string>>;
}

/** `place` is null where the policy names no AWS account. */
export function neededBy(commands: readonly CommandName[], place: Place | null): Needed {
  const forWhom = (uses: (command: CommandName) => boolean) => commands.filter(uses);
  const roles = rolesFor(commands.flatMap(operationsOf));
  const byCommand = new Map(commands.map((command) => [command, rolesFor(operationsOf(command), roles)]));
  const asked = [...new Set(commands.flatMap((command) => callsOf(command).asks ?? NONE))].filter(isAtlas);
  const statements =
    place === null
      ? []
      : statementsFor(
          commands.flatMap((command) => awsCallsOf(command, place)),
          place,
        );
  const sidsOf = new Map(commands.map((command) => [command, new Set(sids(command, place))]));
  return {
    roles: [...new Set([...byCommand.values()].flat())].map((role) => ({
      role,
      commands: forWhom((command) => byCommand.get(command)?.includes(role) === true),
    })),
    askedOfAtlas: asked.map((operation) => ({
      operation,
      roles: ATLAS_ROLES[operation],
      commands: forWhom((command) => (callsOf(command).asks ?? NONE).includes(operation)),
    })),
    statements: statements.map((statement) => ({
      sid: statement.Sid,
      why: whyOf(statement),
      commands: forWhom((command) => sidsOf.get(command)?.has(statement.Sid) === true),
    })),
    documents: documentsOf(statements),
    notGranted: forWhom((command) => awsCallsOf(command, place).some((call) => isNotGranted(call, place))),
  };
}

const NONE: readonly Call[] = [];

function callsOf(command: CommandName): Calls {
  return CALLS[command];
}

function operationsOf(command: CommandName): readonly AtlasOperation[] {
  return callsOf(command).needs.filter(isAtlas);
}

function awsCallsOf(command: CommandName, place: Place | null): readonly AwsCall[] {
  return [
    ...callsOf(command).needs.filter(isAwsCall),
    ...(place?.heartbeats.includes(command) === true ? ALONGSIDE.heartbeat : []),
    ...(place === null || place.records === null ? [] : ofRecord(command)),
  ];
}

function ofRecord(command: CommandName): readonly AwsCall[] {
  if (RECORDED.has(command)) return [...ALONGSIDE.recordRead, ...ALONGSIDE.recordWritten];
  return READING_RECORDS.has(command) ? ALONGSIDE.recordRead : [];
}

function isAtlas(call: Call): call is AtlasOperation {
  return !isAwsCall(call);
}

function sids(command: CommandName, place: Place | null): readonly string[] {
  return place === null ? [] : statementsFor(awsCallsOf(command, place), place).map(({ Sid }) => Sid);
}

function isNotGranted(call: AwsCall, place: Place | null): boolean {
  const demands = statementsFor([call], EVERYWHERE).length;
  return demands > (place === null ? 0 : statementsFor([call], place).length);
}

/** A place where there is something of every kind. */
const EVERYWHERE: Place = {
  partition: "aws",
  region: "",
  accountId: "",
  archives: [{ bucket: "", prefix: "" }],
  exportBucket: null,
  records: { bucket: "", prefix: "" },
  topics: [""],
  ownedAlarms: "",
  heartbeats: [],
};

function whyOf({ Action, Resource, Condition }: Statement): Readonly<Record<string, string>> {
  if (!Resource.includes("*") || Condition !== undefined) return {};
  return Object.fromEntries(Action.map((action) => [action, WHY_EVERYTHING[action] ?? ""]));
}
