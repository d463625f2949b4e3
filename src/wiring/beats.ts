/** The means by which a run tells the outside of itself: apart from its own, so that they work when it is stopped. */
import type { Beats } from "../commands/context.ts";
import { OpsError } from "../core/error.ts";
import { type AwsOpening, awsPorts } from "./aws.ts";

export interface BeatsOpening extends Omit<AwsOpening, "signal" | "place"> {
  readonly place: () => Promise<Awaited<ReturnType<AwsOpening["place"]>> & { readonly pings?: string }>;
}

export function beatsFor({ place, opened, clock, ...rest }: BeatsOpening): (limitMs: number) => Beats {
  const userAgent = `litally-ops/${rest.by.version} (${rest.by.command})`;
  return (limitMs) => {
    const signal = endingAfter(limitMs);
    const { aws, metrics } = awsPorts({ ...rest, signal, clock, place, opened });
    return {
      aws,
      metrics,
      pings: async ({ url, name }) => {
        const { env, pings: receiver } = await place();
        const { connectPings } = await import("../adapters/pings.ts");
        const connected = connectPings({ url: urlOf(url, name, receiver), env, clock, signal, userAgent });
        opened(connected);
        return connected;
      },
    };
  };
}

/** A rehearsal tells its own world, whatever url it knows. */
function urlOf(url: string | undefined, name: string, receiver: string | undefined): string {
  if (receiver !== undefined) return `${receiver}/${name}`;
  if (url === undefined) throw new OpsError("bug", "no url to ping");
  return url;
}

function endingAfter(limitMs: number): AbortSignal {
  const controller = new AbortController();
  const end = () => controller.abort(new OpsError("timeout", `not delivered within ${limitMs / 1000} s`));
  setTimeout(end, limitMs).unref();
  return controller.signal;
}
