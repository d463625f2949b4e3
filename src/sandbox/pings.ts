/** A dead man's switch, as far as one can be watched: it takes pings in the manner of healthchecks.io, and lists them. */
import { type Answer, ok, refuse } from "./answer.ts";
import { iso } from "./model.ts";
import type { Store } from "./store.ts";

export interface PingRecord {
  readonly name: string;
  /** `start`, or the exit status. */
  readonly says: string;
  /** null: none was told. */
  readonly runId: string | null;
  readonly at: string;
  readonly text: string;
}

export const PINGS_PREFIX = "/sandbox/pings";
const PATH = /^\/sandbox\/pings\/([\w-]{1,100})\/(start|\d{1,3})$/;
/** Of its text it keeps no more. */
const MAX_TEXT_LENGTH = 1000;

export interface PingRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

export function pings({ method, url, body }: PingRequest, store: Store): Answer {
  const state = store.state();
  if (method === "GET" && url.pathname === PINGS_PREFIX) return ok({ pings: state.pings });
  const [, name, says] = PATH.exec(url.pathname) ?? [];
  if (method !== "POST" || name === undefined || says === undefined)
    return refuse(404, "RESOURCE_NOT_FOUND", `The sandbox has no ${method} ${url.pathname}.`, [url.pathname]);
  const ping = {
    ...{ name, says, runId: url.searchParams.get("rid") },
    ...{ at: iso(store.nowMs()), text: body.slice(0, MAX_TEXT_LENGTH) },
  };
  store.put({ ...state, pings: [...state.pings, ping] });
  return { status: 200, body: "OK", headers: { "Content-Type": "text/plain" } };
}
