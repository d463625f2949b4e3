/** The one place that holds the world: it tells the time, lets the world live up to it, and keeps the state file. */
import { hash, randomUUID } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
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
      next.clusters.some((cluster, index) => cluster !== state.clusters[index]) ||
      next.restoreJobs !== state.restoreJobs ||
      next.collectionRestores !== state.collectionRestores ||
      next.exports !== state.exports ||
      next.aws !== state.aws ||
      next.alerts !== state.alerts ||
      next.pings !== state.pings ||
      next.advancedMs !== state.advancedMs;
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

/** Far more than a world of a hundred databases takes. */
const MAX_STATE_BYTES = 256 * 1024 * 1024;

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
    const stats = statSync(file);
    if (!stats.isFile()) throw refused(file, "is not a file");
    if (stats.size > MAX_STATE_BYTES)
      throw refused(file, `has ${stats.size} bytes, more than any state (${MAX_STATE_BYTES})`);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof OpsError) throw error;
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return null;
    throw refused(file, `the sandbox state cannot be read (${code})`, error);
  }
}

/** A line with the state, a line with its digest: what was cut short or edited is not what we wrote, and is refused whole. */
function parseState(text: string, file: string): State {
  const [json = "", ...rest] = text.split("\n");
  if (rest.join("\n") !== closing(json)) throw refused(file, "is no sandbox state, or not as it was written");
  const state = JSON.parse(json) as State; // whole, so written by us, in the version that it names
  if (state.version === STATE_VERSION) return state;
  throw refused(file, `is a sandbox state of version ${state.version}, not ${STATE_VERSION}`);
}

function closing(json: string): string {
  return `sha256 ${hash("sha256", json)}\n`;
}

/** Whole or not at all: a reader never sees half a file, and no other file is touched. */
function writeState(file: string, state: State): void {
  const temporary = `${file}.${randomUUID()}`;
  const json = JSON.stringify(state);
  try {
    writeFileSync(temporary, `${json}\n${closing(json)}`, { flag: "wx" });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new OpsError("config", `${file}: the sandbox state cannot be written`, {
      hint: "see that its folder exists",
      cause: error,
    });
  }
}

function refused(file: string, why: string, cause?: unknown): OpsError {
  return new OpsError("config", `${file}: ${why}`, {
    hint: "it is left as it is: name another file with --state, or move it away to begin anew",
    cause,
  });
}
