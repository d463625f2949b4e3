/** Looks at keys of KMS, each once, however many buckets and objects are under it. */
import { type Observed, observe } from "../core/observed.ts";
import type { KeyState } from "../ports/keys.ts";
import type { Context } from "./context.ts";

/** By id, ARN or alias. */
export type KeyGatherer = (keyId: string) => Promise<Observed<KeyState>>;

export function keyGatherer(context: Pick<Context, "keys">): KeyGatherer {
  const asked = new Map<string, Promise<Observed<KeyState>>>();
  return async (keyId) => {
    const asking = asked.get(keyId) ?? observe(async () => (await context.keys()).getKey(keyId));
    asked.set(keyId, asking);
    const key = await asking;
    if (key.known) asked.set(key.value.arn, asking); // a bucket names it by an alias, its objects by its ARN
    return key;
  };
}
