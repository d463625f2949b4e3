import { CLUSTER_NAME } from "../../core/cluster-name.ts";
import { OpsError } from "../../core/error.ts";

/** What stands in the path of a request. `clusterName` is empty where the path has none. */
export interface PathParams {
  readonly groupId: string;
  readonly clusterName: string;
}

const PROJECT_ID = /^[0-9a-f]{24}$/;

/** Checks what goes into a path, so that no name can lead a request elsewhere; throws OpsError `usage`. */
export function pathParams(groupId: string, clusterName?: string): PathParams {
  if (!PROJECT_ID.test(groupId)) {
    throw new OpsError("usage", `${quote(groupId)} is not an Atlas project id`, {
      hint: "a project id has 24 hexadecimal digits; it stands in the project settings of Atlas",
    });
  }
  if (clusterName !== undefined && !CLUSTER_NAME.test(clusterName)) {
    throw new OpsError("usage", `${quote(clusterName)} is not the name of an Atlas cluster`, {
      hint: "a cluster name has letters, digits and inner dashes, at most 64",
    });
  }
  return { groupId: encodeURIComponent(groupId), clusterName: encodeURIComponent(clusterName ?? "") };
}

/** What is longer is not cut but left out: half a secret would not be recognised as one. */
const QUOTED_CHARS_MAX = 80;

function quote(text: string): string {
  return text.length > QUOTED_CHARS_MAX ? `a text of ${text.length} characters` : JSON.stringify(text);
}
