import { CLUSTER_NAME } from "../../core/cluster-name.ts";
import { OpsError } from "../../core/error.ts";

/** What stands in the path of a request, fit to be put there as it is; empty where the path does not have it. */
export interface PathParams {
  readonly groupId: string;
  readonly clusterName: string;
  readonly snapshotId: string;
  readonly jobId: string;
  readonly exportId: string;
  readonly databaseName: string;
  readonly processId: string;
  readonly alertConfigId: string;
}

export const OBJECT_ID = /^[0-9a-f]{24}$/;
/** Those of MongoDB on Linux: https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions */
export const DATABASE_NAME = /^[^/\\. "$\p{Cc}]{1,63}$/u;
export const PROCESS_ID = /^[A-Za-z0-9][A-Za-z0-9.-]{0,254}:\d{1,5}$/;

const NAMED = {
  snapshotId: { form: OBJECT_ID, noun: "the id of an Atlas snapshot", hint: "litally-ops backup list prints them" },
  jobId: { form: OBJECT_ID, noun: "the id of a restore job", hint: "litally-ops restore list prints them" },
  exportId: { form: OBJECT_ID, noun: "the id of an Atlas export", hint: undefined },
  alertConfigId: { form: OBJECT_ID, noun: "the id of an Atlas alert configuration", hint: undefined },
  databaseName: { form: DATABASE_NAME, noun: "the name of a MongoDB database", hint: undefined },
  processId: { form: PROCESS_ID, noun: "a host and port of MongoDB", hint: undefined },
} as const;

type Named = Partial<Record<keyof typeof NAMED, string>>;

/** Checks what goes into a path, so that no name can lead a request elsewhere; throws OpsError `usage`. */
export function pathParams(groupId: string, clusterName?: string, named: Named = {}): PathParams {
  if (!OBJECT_ID.test(groupId)) {
    throw new OpsError("usage", `${quote(groupId)} is not an Atlas project id`, {
      hint: "a project id has 24 hexadecimal digits; it stands in the project settings of Atlas",
    });
  }
  if (clusterName !== undefined && !CLUSTER_NAME.test(clusterName)) {
    throw new OpsError("usage", `${quote(clusterName)} is not the name of an Atlas cluster`, {
      hint: "a cluster name has letters, digits and inner dashes, at most 64",
    });
  }
  return {
    groupId,
    clusterName: clusterName ?? "",
    snapshotId: checked("snapshotId", named),
    jobId: checked("jobId", named),
    exportId: checked("exportId", named),
    databaseName: encodeURIComponent(checked("databaseName", named)),
    processId: checked("processId", named),
    alertConfigId: checked("alertConfigId", named),
  };
}

function checked(name: keyof typeof NAMED, named: Named): string {
  const value = named[name];
  const { form, noun, hint } = NAMED[name];
  if (value === undefined) return "";
  if (form.test(value) && value.isWellFormed()) return value;
  const message = `${quote(value)} is not ${noun}`;
  throw new OpsError("usage", message, hint === undefined ? {} : { hint: `it has 24 hexadecimal digits; ${hint}` });
}

/** What is longer is not cut but left out: half a secret would not be recognised as one. */
const QUOTED_CHARS_MAX = 80;

function quote(text: string): string {
  return text.length > QUOTED_CHARS_MAX ? `a text of ${text.length} characters` : JSON.stringify(text);
}
