/** What commands need, as a person reads it; the IAM policy comes last, so that it can be cut out. */
import type { CommandName } from "../core/command-names.ts";
import { wrap } from "../core/wrap.ts";
import { MANAGED_POLICY_CHARS_MAX, type Place, type PolicyDocument, sizeChars } from "../rules/permissions/iam.ts";
import type { Needed } from "../rules/permissions/needed.ts";

const WIDTH = 80;

export function permissionsText(commands: readonly CommandName[], needed: Needed, place: Place | null): string {
  const lines = [
    `what ${commands.length === 1 ? commands[0] : `${commands.length} commands`} can call, and the least that lets it through`,
    "",
    ...atlasLines(needed),
    "",
    ...awsLines(needed, place),
    ...needed.documents.flatMap((document, index) => ["", ...documentLines(document, index, needed.documents.length)]),
  ];
  return `${lines.join("\n")}\n`;
}

function atlasLines({ roles, askedOfAtlas }: Needed): readonly string[] {
  return [
    roles.length === 0 ? "Atlas: nothing" : "Atlas, roles on the project (every other one contains Project Read Only):",
    ...roles.flatMap(({ role, commands }) => entry(role, commands.join(", "))),
    ...askedOfAtlas.flatMap((asked) =>
      entry(`may be missing: ${asked.roles.join(" or ")}`, `${asked.commands.join(", ")}: they do without, and say so`),
    ),
  ];
}

function awsLines({ statements, notGranted }: Needed, place: Place | null): readonly string[] {
  const why = statements.flatMap((statement) => Object.entries(statement.why));
  return [
    statements.length === 0 ? "AWS: nothing" : `AWS, account ${place?.accountId}, statements of an IAM policy:`,
    ...statements.flatMap(({ sid, commands }) => entry(sid, commands.join(", "))),
    ...(place?.exportBucket === null && statements.some(({ sid }) => sid === "AtlasExportBucket")
      ? entry(
          "any bucket of the account",
          "where Atlas exports to, the policy does not say: --export-bucket narrows it",
        )
      : []),
    ...why.flatMap(([action, reason]) => entry(`* for ${action}`, reason)),
    ...(notGranted.length === 0
      ? []
      : entry("not granted", `what these would work on, the policy does not name: ${notGranted.join(", ")}`)),
  ];
}

function documentLines(document: PolicyDocument, index: number, count: number): readonly string[] {
  const which = count === 1 ? "the IAM policy" : `IAM policy ${index + 1} of ${count}, all of them are needed`;
  return [
    `${which} (${sizeChars(document)} of ${MANAGED_POLICY_CHARS_MAX} characters):`,
    JSON.stringify(document, null, 2),
  ];
}

function entry(name: string, text: string): readonly string[] {
  return [`  ${name}`, ...wrap(text, WIDTH - 6).map((line) => `      ${line}`)];
}
