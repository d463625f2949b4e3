/**
 * CloudWatch's JSON as it goes over the wire. The SDK's own reading of an answer gives up a page of a hundred alarms for one date
 * that is none, and drops whatever is younger than itself: what it does not know must be seen, and kept when an alarm is replaced.
 */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import * as z from "zod/mini";
import type { Beyond } from "../../ports/cloudwatch.ts";
import { BEFORE_READING, takeBody } from "./body.ts";
import type { Answered, ClientSettings } from "./client.ts";
import type { Sender } from "./link.ts";
import { unreadable } from "./s3-wire.ts";

/** One of the SDK's, whose types know no "any of them", and what is sent with it beside what the SDK knows: then its input is JSON. */
export interface JsonCommand {
  readonly command: { readonly input: object };
  readonly beyond?: Beyond;
}

type AnyCommand = Parameters<CloudWatchClient["send"]>[0];

export function openJsonClient(settings: ClientSettings): Sender<JsonCommand> {
  const client = new CloudWatchClient(settings);
  const sent = new WeakMap<object, Beyond>();
  const received = new WeakMap<object, Received>();
  client.middlewareStack.add(
    (next) => async (args) => {
      const beyond = sent.get(args.input);
      // the request that the SDK has just made, and that nobody else holds
      if (beyond !== undefined)
        Object.assign(Object(args.request), { body: JSON.stringify({ ...beyond, ...args.input }) });
      return next(args);
    },
    { step: "build", priority: "high", name: "sendBeyond" }, // before the length is counted and the whole is signed
  );
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const text = await takeBody(result.response, () => "{}");
      if (text !== undefined) received.set(args.input, { json: text, date: dateOf(result.response) });
      return result;
    },
    BEFORE_READING,
  );
  return {
    send: async ({ command, beyond }, options): Promise<Answered & Partial<Received>> => {
      if (beyond !== undefined) sent.set(command.input, beyond);
      const { $metadata } = await client.send(command as AnyCommand, options); // see JsonCommand
      return { $metadata, ...received.get(command.input) };
    },
    destroy: () => client.destroy(),
  };
}

/** An answer, and when AWS gave it. */
interface Received {
  readonly json: string;
  /** As its header has it; undefined: it has none. */
  readonly date: string | undefined;
}

function dateOf(response: unknown): string | undefined {
  const date: unknown = Reflect.get(Object(Reflect.get(Object(response), "headers")), "date");
  return typeof date === "string" ? date : undefined;
}

/** An answer whose JSON is as `type` reads it. AWS leaves out what it has nothing to say of: null means the same. */
export function jsonOf<T>(type: z.ZodMiniType<T>) {
  return z.pipe(
    z.pipe(
      z.object({ json: z.string() }),
      z.transform(({ json }, context): unknown => {
        try {
          return json.includes("null")
            ? JSON.parse(json, (_name, value: unknown) => value ?? undefined)
            : JSON.parse(json);
        } catch {
          return unreadable(context); // the parser's own message would quote the body
        }
      }),
    ),
    type,
  );
}

/** What `type` reads of an answer, and the date of that. */
export function dated<T>(type: z.ZodMiniType<T>) {
  return z.pipe(
    z.looseObject({ date: z.optional(z.string()) }),
    z.transform((answer, context) => {
      const parsed = z.safeParse(type, answer);
      return parsed.success ? { value: parsed.data, date: answer.date ?? null } : unreadable(context);
    }),
  );
}

/** The answer to a write that answers nothing: an empty body, or an object that nobody reads. */
export const nothing = z.object({ json: z.string().check(z.regex(/^\s*(\{.*\}\s*)?$/s)) });
