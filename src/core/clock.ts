/** Time as a port: rules take instants as values, only adapters/clock.ts asks the machine. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms` milliseconds; rejects with OpsError `aborted` as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
