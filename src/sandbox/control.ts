/**
 * The sandbox's own endpoints: its clock, its worlds and its faults, and the part of the human who confirms a subscription.
 * They need no authentication.
 */
import { addDuration, DAY_MS, formatSpan, tryParseDuration } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { type Answer, ok, refuse } from "./answer.ts";
import { iso, type State } from "./model.ts";
import { confirmed } from "./sns/subscriptions.ts";
import type { Store } from "./store.ts";
import { listWorlds } from "./worlds.ts";

export const CONTROL_PREFIX = "/sandbox/";
/** One step of the clock; a world that has lived longer than any policy keeps would only be slow. */
const MAX_ADVANCE_MS = 3660 * DAY_MS;

export interface Control {
  readonly store: Store;
  readonly setFaults: (texts: readonly string[]) => void;
}

export function control(
  request: { readonly method: string; readonly path: string; readonly body: string },
  { store, setFaults }: Control,
): Answer {
  switch (`${request.method} ${request.path}`) {
    case "GET /sandbox/clock":
      return ok({ now: iso(store.nowMs()), world: store.state().world });
    case "POST /sandbox/clock":
      return advance(field(request.body, "advance"), store);
    case "GET /sandbox/worlds":
      return ok({ current: store.state().world, worlds: listWorlds() });
    case "POST /sandbox/faults":
      return faults(field(request.body, "faults"), setFaults);
    case "GET /sandbox/topics":
      return ok({ topics: topics(store.state().aws) });
    case "POST /sandbox/confirm":
      return confirm(field(request.body, "endpoint"), store);
    default: // any text at all may stand here
      return refuse(404, "RESOURCE_NOT_FOUND", `The sandbox has no ${request.method} ${request.path}.`, [request.path]);
  }
}

function advance(text: unknown, store: Store): Answer {
  const duration = typeof text === "string" ? tryParseDuration(text) : undefined;
  if (duration === undefined) return refuse(400, "INVALID_ATTRIBUTE", 'Write {"advance": "2d"}.', ["advance"]);
  const nowMs = store.nowMs();
  const ms = addDuration(new Date(nowMs), duration).getTime() - nowMs;
  // Not a number either, where the calendar ends.
  if (!(ms <= MAX_ADVANCE_MS))
    return refuse(
      400,
      "INVALID_ATTRIBUTE",
      `The clock goes forward by at most ${formatSpan(MAX_ADVANCE_MS)} at once.`,
      ["advance"],
    );
  store.advance(ms);
  return ok({ now: iso(store.nowMs()) });
}

/** How many messages each has taken, and who has yet to confirm. */
function topics({ topics: all, subscriptions }: State["aws"]): readonly Readonly<Record<string, unknown>>[] {
  return all.map(({ name, published }) => {
    const pending = subscriptions.filter(({ topic, isConfirmed }) => topic === name && !isConfirmed);
    return { name, published, pending: pending.map(({ endpoint }) => endpoint) };
  });
}

function confirm(endpoint: unknown, store: Store): Answer {
  const state = store.state();
  const pending = state.aws.subscriptions.filter((one) => one.endpoint === endpoint && !one.isConfirmed);
  if (pending.length === 0)
    return refuse(404, "RESOURCE_NOT_FOUND", 'Nothing waits for it. Write {"endpoint": "ops@litally.example"}.', []);
  store.put({ ...state, aws: confirmed(state.aws, String(endpoint)) });
  return ok({ confirmed: pending.map(({ topic, protocol }) => ({ topic, protocol })) });
}

function faults(texts: unknown, setFaults: Control["setFaults"]): Answer {
  if (!isTexts(texts)) return refuse(400, "INVALID_ATTRIBUTE", 'Write {"faults": ["429=3"]}.', ["faults"]);
  try {
    setFaults(texts);
    return ok({ faults: texts });
  } catch (error) {
    if (error instanceof OpsError)
      return refuse(400, "INVALID_ATTRIBUTE", `${error.message}: ${error.hint ?? ""}`, ["faults"]);
    throw error;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}

function field(body: string, name: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null
      ? Object.entries(parsed).find(([key]) => key === name)?.[1]
      : undefined;
  } catch {
    return undefined; // not JSON: the caller says what it should be
  }
}
