/**
 * The embedded sandbox: MongoDB Atlas over loopback HTTP, as far as litally-ops talks to it, with a world of its own, a
 * clock of its own and faults on request. docs/sandbox.md says what it simulates and what it does not.
 */
import { createServer, type Server } from "node:http";
import { OpsError } from "../core/error.ts";
import { didYouMean } from "../core/suggest.ts";
import type { AwsWorld } from "./aws.ts";
import { buildState } from "./build.ts";
import { objectId, uuid } from "./ids.ts";
import type { SandboxSeed } from "./model.ts";
import { type Credentials, createService } from "./service.ts";
import { openStore } from "./store.ts";
import { WORLDS, type World } from "./worlds.ts";

export { AWS_CREDENTIALS, type AwsWorld } from "./aws.ts";
export type { SandboxSeed, SeedDatabase } from "./model.ts";
export { listWorlds } from "./worlds.ts";

export interface Sandbox {
  /** `http://127.0.0.1:PORT`, to be used as Atlas's base URL. */
  readonly url: string;
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
  /** What the world's clock shows at the start. */
  readonly startAt: Date;
  /** Real time since the start; the world's clock runs by it. */
  readonly elapsedMs: () => number;
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** Keeps the world across restarts. */
  readonly stateFile?: string;
  readonly faults?: readonly string[];
  /** Of every file of a download; absent: a ten-thousandth of its snapshot. */
  readonly downloadSizeBytes?: number;
  readonly log?: (line: string) => void;
}

/** Throws OpsError `usage` for a world or fault that there is not, `config` for a state file that cannot be used. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const world = findWorld(options.world);
  const store = openStore({
    startAt: options.startAt,
    elapsedMs: options.elapsedMs,
    stateFile: options.stateFile,
    build: () => buildState(world, options.seed, options.startAt),
    world: world.name,
    projectId: options.seed.projectId,
  });
  const service = createService({
    store,
    aws: options.aws ?? EMPTY_ACCOUNT,
    credentials: SANDBOX_CREDENTIALS,
    faults: options.faults ?? [],
    downloadSizeBytes: options.downloadSizeBytes,
    log: options.log ?? (() => {}),
  });
  const server = createServer(service);
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://${HOST}:${port}`,
    credentials: SANDBOX_CREDENTIALS,
    now: () => new Date(store.nowMs()),
    advance: (ms) => store.advance(ms),
    close: () => close(server),
  };
}

const EMPTY_ACCOUNT: AwsWorld = {
  accountId: "111122223333",
  region: "ap-south-1",
  buckets: [],
  topics: [],
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

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new OpsError("usage", `the sandbox cannot listen on ${HOST}:${port}`, { hint: "choose another --port", cause }),
      );
    });
    server.listen(port, HOST, () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new OpsError("bug", "the sandbox's server has no address"));
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
