/**
 * The embedded sandbox: MongoDB Atlas and AWS over loopback HTTP, as far as litally-ops talks to them, with a world of its
 * own, a clock of its own and faults on request. docs/sandbox.md says what it simulates and what it does not.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { OpsError } from "../core/error.ts";
import { awsRegion } from "../core/region.ts";
import { didYouMean } from "../core/suggest.ts";
import { AWS_CREDENTIALS, type AwsWorld, newAws } from "./aws.ts";
import { buildState } from "./build.ts";
import { exportWriter } from "./export-writer.ts";
import { GITHUB_SANDBOX } from "./github.ts";
import { objectId, uuid } from "./ids.ts";
import type { SandboxSeed } from "./model.ts";
import { openS3, plainBucket, type S3 } from "./s3/s3.ts";
import { pastOf, pointsOf, type SeedSchedules, workflowsOf } from "./schedules.ts";
import { type Credentials, createService } from "./service.ts";
import { openStore, type Store } from "./store.ts";
import { WORLDS, type World } from "./worlds.ts";

export { AWS_CREDENTIALS, type AwsWorld } from "./aws.ts";
export { GITHUB_SANDBOX, githubUrlOf } from "./github.ts";
export { objectId } from "./ids.ts";
export type { SandboxSeed, SeedDatabase } from "./model.ts";
export { archiveBucket } from "./s3/s3.ts";
export type { SeedObject } from "./s3/seed.ts";
export type { SeedSchedules } from "./schedules.ts";
export { tarball } from "./tarball.ts";
export { listWorlds } from "./worlds.ts";

export interface Sandbox {
  /** `http://127.0.0.1:PORT`, to be used as Atlas's base URL, and as the endpoint of AWS but for S3. */
  readonly url: string;
  /** `http://127.0.0.1:PORT`, to be used as the endpoint of S3. */
  readonly s3Url: string;
  readonly credentials: Credentials;
  /** The world's clock. */
  readonly now: () => Date;
  /** Puts the world's clock forward. */
  readonly advance: (ms: number) => void;
  /** Ends the server and every connection. */
  close(): Promise<void>;
}

export interface SandboxOptions {
  readonly world: string;
  readonly seed: SandboxSeed;
  /** What there is in AWS; absent: an account without topics and buckets. */
  readonly aws?: AwsWorld;
  /** The commands that run regularly; absent: none does. */
  readonly schedules?: SeedSchedules;
  /** What the world's clock shows at the start. */
  readonly startAt: Date;
  /** Real time since the start; the world's clock runs by it. */
  readonly elapsedMs: () => number;
  /** 0 or absent: any free port. S3 has the second behind it. */
  readonly port?: number;
  /** Keeps the world across restarts. */
  readonly stateFile?: string;
  readonly faults?: readonly string[];
  /** Of every file of a download; absent: a ten-thousandth of its snapshot. */
  readonly downloadSizeBytes?: number;
  /** S3 hashes and counts bodies, and forgets them: for measurements. */
  readonly discardsBodies?: boolean;
  readonly log?: (line: string) => void;
}

/** Throws OpsError `usage` for a world or fault that there is not, `config` for a state file that cannot be used. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const world = findWorld(options.world);
  const { aws, points, github } = surroundings(world, options);
  const store = openStore({
    startAt: options.startAt,
    elapsedMs: options.elapsedMs,
    stateFile: options.stateFile,
    build: () => buildState(world, options.seed, options.startAt, newAws(aws, points)),
    world: world.name,
    projectId: options.seed.projectId,
  });
  const log = options.log ?? (() => {});
  const s3 = openWorldsS3(options, aws, store, () => settle());
  const settle = exportWriter(store, s3.putInternal);
  const service = createService({
    store,
    denied: aws.denied,
    credentials: SANDBOX_CREDENTIALS,
    github,
    faults: options.faults ?? [],
    downloadSizeBytes: options.downloadSizeBytes,
    settle,
    log,
  });
  const server = createServer(service);
  const port = await listenTogether(server, s3.server, options.port ?? 0);
  const url = `http://${HOST}:${port}`;
  return {
    url,
    s3Url: s3UrlOf(url),
    credentials: SANDBOX_CREDENTIALS,
    now: () => new Date(store.nowMs()),
    advance: (ms) => store.advance(ms),
    close: async () => {
      await Promise.all([close(server), close(s3.server)]);
      s3.close();
    },
  };
}

/** What the world is like beside Atlas: AWS, the runs that CloudWatch has heard of, GitHub. */
function surroundings(world: World, { aws = EMPTY_ACCOUNT, schedules = NO_SCHEDULES, startAt }: SandboxOptions) {
  const nowMs = startAt.getTime();
  const damages = [world.archives, world.alarms].filter((damage) => damage !== undefined);
  const past = pastOf(schedules, nowMs, world.schedules);
  return {
    aws: damages.reduce((account, damage) => damage(account, nowMs), aws),
    points: pointsOf(past, schedules.environment),
    github: {
      repository: schedules.repository,
      isReadable: world.canReadWorkflows !== false,
      workflows: workflowsOf(past),
    },
  };
}

/** Where S3 is beside a sandbox at this address: on the second port behind it. */
export function s3UrlOf(url: string): string {
  return url.replace(/\d+$/, (port) => String(s3Port(Number(port))));
}

/** Linux gives odd ports to whoever listens and even ones to whoever connects: the next one is often taken. */
function s3Port(port: number): number {
  return port + 2;
}

/** Its things stand in a folder beside the state file, and go with this very world. */
function openWorldsS3(
  { stateFile, discardsBodies, log }: SandboxOptions,
  aws: AwsWorld,
  store: Store,
  settle: () => Promise<void>,
): S3 {
  const { world, projectId, createdAt, exportBuckets } = store.state();
  return openS3({
    account: { ...AWS_CREDENTIALS, region: aws.region, accountId: aws.accountId },
    buckets: [...aws.buckets, ...exportBuckets.map(({ bucket, region }) => plainBucket(bucket, awsRegion(region)))],
    ...(aws.stored === undefined ? {} : { stored: aws.stored }),
    denied: aws.denied,
    nowMs: store.nowMs,
    settle,
    folder: stateFile === undefined ? undefined : `${stateFile}.s3`,
    about: `${world} of ${projectId}, made ${createdAt}`,
    discards: discardsBodies === true,
    log: log ?? (() => {}),
  });
}

const NO_SCHEDULES: SeedSchedules = { environment: "", repository: GITHUB_SANDBOX.repository, all: [] };

const EMPTY_ACCOUNT: AwsWorld = {
  accountId: "111122223333",
  region: "ap-south-1",
  buckets: [],
  keys: [],
  denied: [],
};

const HOST = "127.0.0.1";

/** The same everywhere: they open nothing but a sandbox on loopback. */
export const SANDBOX_CREDENTIALS: Credentials = {
  publicKey: "sandboxk",
  privateKey: uuid("sandbox private key"),
  clientId: `mdb_sa_id_${objectId(0, "sandbox client")}`,
  clientSecret: `mdb_sa_sk_${uuid("sandbox client secret")}`,
};

function findWorld(name: string): World {
  const world = WORLDS.find((candidate) => candidate.name === name);
  if (world !== undefined) return world;
  const names = WORLDS.map((candidate) => candidate.name);
  throw new OpsError("usage", `there is no sandbox world "${name}"${didYouMean(name, names)}`, {
    hint: "litally-ops sandbox worlds lists them; names of databases stand before --sandbox",
  });
}

/** A free port whose neighbour is taken is only bad luck. */
const MAX_LISTEN_ATTEMPTS = 20;

/** Atlas on the port, or on any, and S3 on its own. */
async function listenTogether(atlas: Server, s3: Server, port: number): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const found = await listen(atlas, port);
    try {
      await listen(s3, s3Port(found));
      return found;
    } catch (error) {
      await close(atlas);
      if (port !== 0 || attempt === MAX_LISTEN_ATTEMPTS) throw error;
    }
  }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, HOST);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new OpsError("usage", `the sandbox cannot listen on ${HOST}:${port}`, {
      hint: "choose another --port",
      cause,
    });
  }
  const address = server.address();
  if (typeof address === "object" && address !== null) return address.port;
  throw new OpsError("bug", "the sandbox's server has no address");
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
