/** What the answer to a request is made from, and what it is made of. */
import type { Elements } from "../aws-wire.ts";
import type { Bodies } from "./bodies.ts";
import type { Incoming, Wanted } from "./incoming.ts";
import type { Ledger } from "./ledger.ts";
import type { BucketRecord, Segment } from "./model.ts";
import type { Request } from "./request.ts";
import type { Node } from "./xml.ts";

/** Everything that outlives a request. */
export interface Store {
  readonly ledger: Ledger;
  readonly bodies: Bodies;
  /** The world's clock. */
  readonly nowMs: () => number;
  readonly accountId: string;
  /** Whether ETags of bodies in one piece are their MD5: hashing is dear where nothing else is done with the bytes. */
  readonly hasMd5Etags: boolean;
}

export interface Call {
  readonly store: Store;
  readonly request: Request;
  readonly bucket: BucketRecord;
  /** The body, to be stored. */
  body(wanted: Omit<Wanted, "headersAreOfBody">): Incoming;
  /** The body, as XML with this root; throws `MalformedXML`. */
  xml(root: string): Promise<Node>;
}

/** By name; one that is undefined is left out. */
export type Headers = Readonly<Record<string, string | undefined>>;

export interface Reply {
  /** 200 where absent. */
  readonly status?: number;
  readonly headers?: Headers;
  readonly xml?: Elements;
  readonly content?: { readonly segments: readonly Segment[]; readonly sizeBytes: number };
}

/** The moment, as records have it. */
export function isoNow({ nowMs }: Store): string {
  return new Date(nowMs()).toISOString();
}
