/**
 * How commands of a service are sent: reads again where they failed in passing; writes once, and again only where AWS asked to slow
 * down, for then it has done nothing yet.
 */
import type * as z from "zod/mini";
import type { Clock } from "../../core/clock.ts";
import { OpsError } from "../../core/error.ts";
import { once } from "../../core/once.ts";
import { notSent } from "../../core/stop.ts";
import { ask, type Call, type SendOptions } from "./ask.ts";
import type { Answered, ClientSettings } from "./client.ts";
import type { AwsConnection } from "./settings.ts";

export interface Link<Command> {
  read<T>(call: Call, command: Command, type: z.ZodMiniType<T>): Promise<T>;
  write<T>(call: Call, command: Command, type: z.ZodMiniType<T>): Promise<T>;
  close(): void;
}

/** What a link needs of a client of the SDK. */
export interface Sender<Command> {
  send(command: Command, options: SendOptions): Promise<Answered>;
  destroy(): void;
}

/** Nothing is read or sent before the first call. */
export function linkTo<Command>(
  connection: AwsConnection,
  clock: Clock,
  open: (settings: ClientSettings) => Sender<Command>,
): Link<Command> {
  let opened: { readonly reads: Sender<Command>; readonly writes: Sender<Command> } | undefined;
  const senders = once(async () => {
    const settings = await connection.settings();
    opened = { reads: open(settings), writes: open({ ...settings, maxAttempts: 1 }) };
    return opened;
  });
  return {
    read: (call, command, type) =>
      ask(connection, call, type, async (options) => (await senders()).reads.send(command, options)),
    write: (call, command, type) =>
      patiently(clock, connection.signal, () =>
        ask(connection, { ...call, isWrite: true }, type, async (options) =>
          (await senders()).writes.send(command, options),
        ),
      ),
    close: () => {
      opened?.reads.destroy();
      opened?.writes.destroy();
    },
  };
}

/** Lets one write after another through, so many a second at most. */
export function paceOf(clock: Clock, signal: AbortSignal, perSecond: number): () => Promise<void> {
  let freeAtMs = 0;
  return async () => {
    const nowMs = clock.now().getTime();
    const turnAtMs = Math.max(nowMs, freeAtMs);
    freeAtMs = turnAtMs + Math.ceil(1000 / perSecond);
    if (turnAtMs > nowMs) await pause(clock, signal, turnAtMs - nowMs);
  };
}

/** Between attempts of a write that AWS refused because there were too many of them. */
const THROTTLED_WAITS_MS = [1_000, 2_000, 4_000, 8_000];

async function patiently<T>(clock: Clock, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
  for (const waitMs of THROTTLED_WAITS_MS) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof OpsError) || error.kind !== "throttled") throw error;
    }
    await pause(clock, signal, waitMs);
  }
  return send();
}

/** Before a write: who is stopped meanwhile has not sent it. */
async function pause(clock: Clock, signal: AbortSignal, ms: number): Promise<void> {
  await clock.sleep(ms, signal).catch((error: unknown) => {
    throw signal.aborted ? notSent(signal) : error;
  });
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; null: this was the last one. */
  readonly next: string | null;
}

/** Of alarms, and of subscriptions of a topic, there are a hundred on a page: more than 200,000 are none of ours. */
const PAGES_MAX = 2_000;

/** Page by page to the end of the list, or an error: a list that breaks off says nothing about what it left out. */
export async function* pagesOf<Item>(
  what: string,
  getPage: (token: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<readonly Item[]> {
  const seen = new Set<string>();
  let token: string | undefined;
  for (let pages = 1; pages <= PAGES_MAX; pages += 1) {
    const { items, next } = await getPage(token);
    yield items;
    if (next === null) return;
    if (seen.has(next)) throw new OpsError("protocol", `${what}: page ${pages} leads back to an earlier one`);
    seen.add(next);
    token = next;
  }
  throw new OpsError("protocol", `${what}: more than ${PAGES_MAX} pages`);
}
