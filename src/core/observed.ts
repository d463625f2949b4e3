import { OpsError } from "./error.ts";

/**
 * A fact about the world that we either know, or do not know and can say why.
 * There is no third state and no default: whoever reads `value` has looked at `known` first.
 */
export type Observed<T> = Known<T> | NotKnown;
export type Known<T> = { readonly known: true; readonly value: T };
export type NotKnown = { readonly known: false; readonly reason: OpsError };

export function known<T>(value: T): Known<T> {
  return { known: true, value };
}

export function notKnown(reason: OpsError): NotKnown {
  return { known: false, reason };
}

/** Carries a known value through `map`; what is not known stays not known, for the same reason. */
export function mapObserved<T, U>(observed: Observed<T>, map: (value: T) => U): Observed<U> {
  return observed.known ? known(map(observed.value)) : observed;
}

/** Runs a read. An OpsError becomes "not known"; an abort and a bug of ours still throw. */
export async function observe<T>(read: () => Promise<T>): Promise<Observed<T>> {
  try {
    return known(await read());
  } catch (error) {
    if (error instanceof OpsError && error.kind !== "bug" && error.kind !== "aborted") return notKnown(error);
    throw error;
  }
}
