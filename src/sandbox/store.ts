/** The one place that holds the world: it tells the time, lets the world live up to it, and keeps the state file. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { OpsError } from "../core/error.ts";
import { liveUntil } from "./life.ts";
import { STATE_VERSION, type State } from "./model.ts";

export interface Store {
  /** The world's clock, in whole and parts of seconds. */
  nowMs(): number;
  /** The world as it is now. */
  state(): State;
  /** Puts another world in the place of this one: what a change has made of it. */
  put(state: State): void;
  /** Puts the clock forward. */
  advance(ms: number): void;
}

export interface StoreOptions {
  readonly startAt: Date;
  readonly elapsedMs: () => number;
  readonly stateFile: string | undefined;
  /** Called when there is no state file yet. */
  readonly build: () => State;
  /** What the state file must be about. */
  readonly world: string;
  readonly projectId: string;
}

export function openStore(options: StoreOptions): Store {
  const { stateFile, elapsedMs } = options;
  const saved = stateFile === undefined ? null : readState(stateFile, options);
  let state = saved ?? options.build();
  // Time goes on from the clock of now, and never back behind what the world has lived through.
  const baseMs =
    Math.max(options.startAt.getTime() + state.advancedMs, Date.parse(state.livedUntilAt)) - state.advancedMs;
  const nowMs = () => baseMs + elapsedMs() + state.advancedMs;
  const replace = (next: State) => {
    const isNews =
      next.clusters.some((cluster, index) => cluster !== state.clusters[index]) || next.advancedMs !== state.advancedMs;
    state = next;
    if (isNews && stateFile !== undefined) writeState(stateFile, state);
  };
  if (saved === null && stateFile !== undefined) writeState(stateFile, state);
  return {
    nowMs,
    state() {
      const next = liveUntil(state, nowMs());
      if (next !== state) replace(next);
      return state;
    },
    put: replace,
    advance(ms) {
      const advanced = { ...state, advancedMs: state.advancedMs + ms };
      replace(liveUntil(advanced, nowMs() + ms));
    },
  };
}

function readState(file: string, wanted: { readonly world: string; readonly projectId: string }): State | null {
  const text = readText(file);
  if (text === null) return null;
  const state = parseState(text, file);
  if (state.world !== wanted.world || state.projectId !== wanted.projectId) {
    throw new OpsError("config", `${file}: holds the world ${state.world} of project ${state.projectId}`, {
      hint: `ask for that world, or give another file for ${wanted.world}`,
    });
  }
  return state;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new OpsError("config", `${file}: the sandbox state cannot be read`, { cause: error });
  }
}

function parseState(text: string, file: string): State {
  const unreadable = (why: string, cause?: unknown) =>
    new OpsError("config", `${file}: not a sandbox state: ${why}`, { hint: "remove the file to begin anew", cause });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw unreadable("not JSON", error);
  }
  const version = typeof parsed === "object" && parsed !== null && "version" in parsed ? parsed.version : undefined;
  if (version !== STATE_VERSION) throw unreadable(`version ${JSON.stringify(version)} instead of ${STATE_VERSION}`);
  // The file is our own, named by its version; what is checked is that somebody's edit has not broken its frame.
  const state = parsed as State;
  const texts: readonly unknown[] = [state.world, state.projectId, state.createdAt, state.livedUntilAt];
  if (texts.some((value) => typeof value !== "string") || Number.isNaN(Date.parse(state.livedUntilAt)))
    throw unreadable("a field is missing");
  if (!Number.isFinite(state.advancedMs) || !Number.isFinite(state.dateSkewMs)) throw unreadable("a number is missing");
  if (!Array.isArray(state.clusters) || !Array.isArray(state.flexClusters))
    throw unreadable("the clusters are missing");
  if (state.clusters.some((cluster) => !isCluster(cluster)))
    throw unreadable("a cluster lacks its schedule, shards or snapshots");
  return state;
}

function isCluster(cluster: unknown): boolean {
  if (typeof cluster !== "object" || cluster === null) return false;
  const lists = ["shards", "snapshots", "forbidden"] as const;
  const { schedule } = cluster as {
    readonly schedule?: { readonly items?: unknown; readonly copySettings?: unknown } | null;
  }; // looked at, not trusted
  const record = cluster as Readonly<Record<string, unknown>>; // any object is one
  return (
    lists.every((name) => Array.isArray(record[name])) &&
    Array.isArray(schedule?.items) &&
    Array.isArray(schedule?.copySettings)
  );
}

/** Whole or not at all: a reader never sees half a file. */
function writeState(file: string, state: State): void {
  const temporary = `${file}.new`;
  try {
    writeFileSync(temporary, `${JSON.stringify(state)}\n`);
    renameSync(temporary, file);
  } catch (error) {
    throw new OpsError("config", `${file}: the sandbox state cannot be written`, {
      hint: "see that its folder exists",
      cause: error,
    });
  }
}
