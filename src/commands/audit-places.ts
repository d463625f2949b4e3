/** Where the record is to be read: on this machine, in the bucket of the policy, or both. */
import { OpsError } from "../core/error.ts";
import { didYouMean } from "../core/suggest.ts";
import type { LocalShelf, Shelf } from "../ports/shelf.ts";
import type { Sha256 } from "../rules/audit/chain.ts";
import { type AuditLogPolicy, s3Shelf } from "./audit-s3.ts";
import { lastSentFrom, type Sent } from "./audit-send.ts";
import type { Context } from "./context.ts";

export interface Places {
  readonly environment: string;
  /** null: not asked for. */
  readonly local: LocalShelf | null;
  /** null: not asked for, or the policy names none. */
  readonly bucket: Bucket | null;
}

interface Bucket {
  readonly policy: AuditLogPolicy;
  /** What this machine remembers to have sent, there or elsewhere; undefined: nothing. */
  readonly sent: () => Promise<Sent | undefined>;
  readonly open: () => Promise<Shelf>;
}

const FROM = ["local", "s3"] as const;

/** `from` absent: wherever it is kept. */
export async function choosePlaces(context: Context, from: string | undefined): Promise<Places> {
  const wanted = FROM.find((place) => place === from);
  if (from !== undefined && wanted === undefined)
    throw new OpsError("usage", `--from: there is no "${from}"${didYouMean(from, FROM)}`, { hint: FROM.join(" or ") });
  const { policy } = await context.policy("auditLog");
  const { environment, auditLog } = policy;
  const { local, isWorldOfRun } = await context.audit();
  if (wanted === "s3" && auditLog === undefined)
    throw new OpsError("usage", "--from s3: the policy names no bucket", { hint: "add auditLog: { bucket: ... }" });
  if (wanted === "s3" && isWorldOfRun)
    throw new OpsError("usage", "--from s3: the world of --sandbox ends with each run, and its bucket too", {
      hint: "serve a world that lasts: litally-ops sandbox up",
    });
  return {
    environment,
    local: wanted === "s3" ? null : local,
    bucket:
      wanted === "local" || auditLog === undefined || isWorldOfRun
        ? null
        : {
            policy: auditLog,
            // worlds come and go, and their buckets with them
            sent: async () => ((await context.world()) === null ? lastSentFrom(local) : undefined),
            open: async () => s3Shelf(await context.s3(), auditLog, environment),
          },
  };
}

/** SHA-256 of a text, as 64 hexadecimal digits. */
export async function textDigest({ sha256 }: Pick<Context, "sha256">): Promise<Sha256> {
  const digest = await sha256();
  const encoder = new TextEncoder();
  return (text) => Buffer.from(digest(encoder.encode(text))).toString("hex");
}
