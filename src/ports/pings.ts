/** A dead man's switch in the manner of healthchecks.io: it is told that a run begins, and how it ended. */
export interface Pings {
  /** Resolves where the other side has certainly taken it; OpsError otherwise. What is sent twice counts once. */
  send(ping: Ping): Promise<void>;
  close(): Promise<void>;
}

export interface Ping {
  /** A number: the run has ended, with this exit status. */
  readonly says: "start" | number;
  /** A UUID: joins the two of one run. */
  readonly runId: string;
  readonly text: string;
}

export interface PingTarget {
  /** A secret: it stands in no message. Absent in a rehearsal, which is not told it. */
  readonly url?: string;
  /** What a rehearsal calls it: `backup-verify`. */
  readonly name: string;
}
