/** Faults on request: what a network and a busy service do to a client, by name, each alone or together. */
import { setTimeout as sleep } from "node:timers/promises";
import { OpsError } from "../core/error.ts";
import { didYouMean } from "../core/suggest.ts";
import { type Answer, refuse } from "./answer.ts";
import type { DigestLimits } from "./digest.ts";

/** `many`: the first N, or all without a number. `flag`: takes none. `value`: needs one. */
const FAULTS = {
  "429": "many",
  "500": "many",
  html: "many",
  reset: "many",
  hang: "many",
  truncate: "many",
  "reset-before-write": "many",
  "reset-after-write": "many",
  "500-after-write": "many",
  "hang-write": "many",
  slow: "value",
  stale: "value",
  sha256: "flag",
  "download-html": "many",
  "download-drop": "value",
  "download-stall": "value",
  "download-short": "value",
  "download-changed": "flag",
} as const satisfies Record<string, "many" | "flag" | "value">;
type FaultName = keyof typeof FAULTS;

const FAILURE = refuse(500, "UNEXPECTED_ERROR", "An unexpected error.");
const MAX_SLOW_MS = 60_000;
const RETRY_AFTER_SECONDS = "1";

/** What a fault does to one request: answer in the service's place, break the connection off, or leave it open. */
export type Disturbance = Answer | "reset" | "hang" | null;

export interface Faults {
  /** Asked once for each request, before anything else looks at it. */
  disturb(): Promise<Disturbance>;
  /** Asked once for each answer that is about to go out well: whether to cut it short. */
  truncates(): boolean;
  /** Asked once for each change that is about to be made: whether the connection breaks off in its place. */
  breaksBeforeWrite(): boolean;
  /** Asked once for each change that was made: what comes in place of the good answer. */
  disturbAfterWrite(): Disturbance;
  readonly digest: DigestLimits;
  readonly download: DownloadFaults;
}

/** What happens to the files of downloads. */
export interface DownloadFaults {
  /** Asked once for each request: whether a web page is sent in place of the file. */
  isPage(): boolean;
  /** The connection breaks off after so many bytes of every answer. */
  readonly dropAfterBytes: number | null;
  /** Nothing follows so many bytes of an answer. */
  readonly stallAfterBytes: number | null;
  /** The file ends after so many bytes. */
  readonly shortBytes: number | null;
  /** It is another file by now. */
  readonly isChanged: boolean;
}

/** Throws OpsError `usage` for a fault that there is not, or a number that cannot be. */
export function createFaults(texts: readonly string[]): Faults {
  const left = new Map(texts.map(parseFault));
  const strikes = (name: FaultName): boolean => {
    const count = left.get(name) ?? 0;
    if (count > 0) left.set(name, count - 1);
    return count > 0;
  };
  const slowMs = left.get("slow");
  return {
    async disturb() {
      if (slowMs !== undefined) await sleep(slowMs, undefined, { ref: false });
      if (strikes("reset")) return "reset";
      if (strikes("hang")) return "hang";
      if (strikes("429"))
        return {
          ...refuse(429, "RATE_LIMITED_TOKEN_BUCKET", "Too many requests."),
          headers: { "Retry-After": RETRY_AFTER_SECONDS },
        };
      if (strikes("500")) return FAILURE;
      return strikes("html")
        ? {
            status: 502,
            body: "<html><body><h1>502 Bad Gateway</h1></body></html>",
            headers: { "Content-Type": "text/html" },
          }
        : null;
    },
    truncates: () => strikes("truncate"),
    breaksBeforeWrite: () => strikes("reset-before-write"),
    disturbAfterWrite() {
      if (strikes("reset-after-write")) return "reset";
      if (strikes("500-after-write")) return FAILURE;
      return strikes("hang-write") ? "hang" : null;
    },
    digest: { sha256: left.has("sha256"), requestsPerNonce: left.get("stale") ?? null },
    download: {
      isPage: () => strikes("download-html"),
      dropAfterBytes: left.get("download-drop") ?? null,
      stallAfterBytes: left.get("download-stall") ?? null,
      shortBytes: left.get("download-short") ?? null,
      isChanged: left.has("download-changed"),
    },
  };
}

function parseFault(text: string): readonly [FaultName, number] {
  const [name = "", value, ...rest] = text.split("=");
  if (!isFaultName(name)) throw unknownFault(name);
  const takes = FAULTS[name];
  const isNumber = value !== undefined && rest.length === 0 && /^[1-9]\d{0,8}$/.test(value);
  if (value === undefined ? takes === "value" : takes === "flag" || !isNumber) throw badValue(text, name);
  if (name === "slow" && Number(value) > MAX_SLOW_MS) throw badValue(text, name);
  return [name, value === undefined ? Number.POSITIVE_INFINITY : Number(value)];
}

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

function unknownFault(name: string): OpsError {
  const names = Object.keys(FAULTS);
  return new OpsError("usage", `there is no fault "${name}"${didYouMean(name, names)}`, {
    hint: `the faults are ${names.join(", ")}`,
  });
}

function badValue(text: string, name: FaultName): OpsError {
  const forms = {
    many: `${name} or ${name}=N`,
    flag: name,
    value: name === "slow" ? `slow=MS, at most ${MAX_SLOW_MS}` : `${name}=N`,
  };
  return new OpsError("usage", `the fault "${text}" cannot be read`, { hint: `write ${forms[FAULTS[name]]}` });
}
