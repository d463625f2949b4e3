/** Sees to it that whatever a command changes is on record: an act must be open while a request goes out that changes something. */
import type { Audit } from "../../src/commands/context.ts";
import { UNRECORDED } from "./context.ts";
import type { Fate, OnSent, Sent } from "./counter.ts";

export function watchActs(kept: Audit = UNRECORDED) {
  const unrecorded: string[] = [];
  let open = 0;
  let running = 0;
  const audit: Audit = {
    ...kept,
    acts: {
      begin: async (undertaken) => {
        const act = await kept.acts.begin(undertaken);
        open += 1;
        return {
          end: async (change) => {
            open -= 1;
            await act.end(change);
          },
        };
      },
      refuse: kept.acts.refuse,
    },
  };
  return {
    unrecorded,
    audit: async () => audit,
    /** A command runs: what tests send by themselves is theirs. */
    during: async <T>(run: () => Promise<T>): Promise<T> => {
      running += 1;
      try {
        return await run();
      } finally {
        running -= 1;
      }
    },
    hear:
      (onSent: OnSent = () => {}): OnSent =>
      async (sent: Sent): Promise<Fate> => {
        if (running > 0 && open === 0 && changes(sent))
          unrecorded.push(`${sent.method} ${sent.path} ${sent.operation}`);
        return (await onSent(sent)) ?? "passes";
      },
  };
}

/** Whether a request changes something, as far as its method and its operation tell. */
function changes({ method, path, operation }: Sent): boolean {
  if (operation !== "") return !/^(Get|List|Describe)/.test(operation);
  return method !== "GET" && method !== "HEAD" && !path.startsWith("/api/oauth/");
}
