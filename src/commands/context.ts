import type { Clock } from "../core/clock.ts";
import type { PolicySource } from "../policy/load.ts";
import type { Acts } from "../ports/acts.ts";
import type { Atlas } from "../ports/atlas.ts";
import type { Aws } from "../ports/aws.ts";
import type { CloudWatch } from "../ports/cloudwatch.ts";
import type { Files } from "../ports/files.ts";
import type { Github } from "../ports/github.ts";
import type { Keys } from "../ports/keys.ts";
import type { Machine } from "../ports/machine.ts";
import type { Mongo, MongoRole } from "../ports/mongo.ts";
import type { Operator } from "../ports/operator.ts";
import type { Output } from "../ports/output.ts";
import type { Pings, PingTarget } from "../ports/pings.ts";
import type { Progress } from "../ports/progress.ts";
import type { S3 } from "../ports/s3.ts";
import type { SandboxControl } from "../ports/sandbox.ts";
import type { LocalShelf } from "../ports/shelf.ts";
import type { Sns } from "../ports/sns.ts";
import type { Transfer } from "../ports/transfer.ts";

/** Everything a command may ask the world for. Made once, in main.ts; what is asked for is loaded when it is asked for. */
export interface Context {
  readonly clock: Clock;
  /** Aborts on Ctrl-C, SIGTERM, a closed terminal and `--timeout`. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly operator: Operator;
  readonly output: Output;
  /** A word that nobody has used before: 12 characters of a to f and 0 to 9. */
  readonly uniqueWord: () => string;
  readonly policy: PolicySource;
  readonly atlas: () => Promise<Atlas>;
  /** Means of a few minutes, from the first time that they are asked for, for what must be done even after a stop. */
  readonly closing: () => Closing;
  /** Means of their own, for so long and whatever stops the run, to tell the outside of it. */
  readonly beats: (limitMs: number) => Beats;
  /** Name of the world that is asked in place of the accounts; null: the accounts are. */
  readonly world: () => Promise<string | null>;
  readonly aws: () => Promise<Aws>;
  /** Of the policy's account alone: a bucket that is another's is refused. */
  readonly s3: () => Promise<S3>;
  readonly keys: () => Promise<Keys>;
  readonly cloudwatch: () => Promise<CloudWatch>;
  readonly sns: () => Promise<Sns>;
  /** By the connection strings of the environment; OpsError `config` where there is none. */
  readonly mongo: (role: MongoRole) => Promise<Mongo>;
  /** Of one repository: the policy's, or else the one that the environment names; OpsError `auth` or `config` where it cannot be asked. */
  readonly github: (repository: string | undefined) => Promise<Github>;
  readonly sandbox: () => Promise<SandboxControl>;
  /** SHA-256 of bytes, for those who compute nothing themselves. */
  readonly sha256: () => Promise<(bytes: Uint8Array) => Uint8Array>;
  readonly transfer: () => Promise<Transfer>;
  readonly audit: () => Promise<Audit>;
  readonly files: Files;
  readonly machine: Machine;
}

export interface Beats {
  readonly aws: () => Promise<Aws>;
  readonly metrics: () => Promise<Pick<CloudWatch, "putMetrics">>;
  readonly pings: (target: PingTarget) => Promise<Pings>;
}

export interface Closing {
  readonly atlas: () => Promise<Atlas>;
  readonly cloudwatch: () => Promise<CloudWatch>;
  readonly signal: AbortSignal;
}

/** The record of operators' acts: a rehearsal has one of its own. */
export interface Audit {
  readonly acts: Acts;
  /** What this machine keeps of it. */
  readonly local: LocalShelf;
  /** The world that is asked ends with this run: what its bucket holds is nobody's to look at. */
  readonly isWorldOfRun: boolean;
}
