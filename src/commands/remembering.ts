/** What a run has read of the policy and of other clocks, for what is to be done at its end. */
import type { LoadedPolicy } from "../policy/load.ts";
import type { Atlas } from "../ports/atlas.ts";
import type { Context } from "./context.ts";
import type { Waiving } from "./waive.ts";

interface Remembering {
  readonly context: Context;
  /** null: the policy waives nothing, or could not be loaded. */
  readonly waiving: () => Waiving | null;
}

/** The same context, whose policy and clock are remembered once the run has asked for them. */
export function remembering(context: Context): Remembering {
  let loaded: LoadedPolicy<never> | undefined;
  let atlas: Atlas | undefined;
  return {
    context: {
      ...context,
      policy: async (...asked) => {
        const own = await context.policy(...asked);
        loaded = own;
        return own;
      },
      atlas: async () => {
        atlas = await context.atlas();
        return atlas;
      },
    },
    waiving: () =>
      loaded === undefined || loaded.policy.waivers.length === 0 ? null : { loaded, skew: atlas?.clockSkew() ?? null },
  };
}
