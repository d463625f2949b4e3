/** Downloads of snapshots as Atlas writes them: restore jobs that end in addresses. An address is a credential. */
import * as z from "zod/mini";
import { OpsError } from "../../core/error.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import type { DownloadFile, DownloadJob } from "../../ports/atlas-exports.ts";
import { DELIVERIES, type Delivery } from "../../ports/atlas-restores.ts";
import { type Fields, fieldsOf, subjectOf, type WireObject } from "../fields.ts";
import { isConfidential } from "./credentials.ts";
import { flag, instant, text } from "./wire.ts";
import { birthOfId, objectId } from "./wire-restores.ts";

const address = z.string().check(z.refine((url) => URL.canParse(url) && isConfidential(new URL(url))));
const component = z.object({ replicaSetName: text, downloadUrl: z.nullish(address) });

export function parseDownload(object: WireObject): DownloadJob {
  const fields = fieldsOf(subjectOf("restore job", object), object);
  const { required, optional } = fields;
  return {
    id: required("id", objectId),
    snapshotId: optional("snapshotId", text),
    files: filesOf(fields),
    createdAt: required("id", birthOfId),
    expiresAt: optional("expiresAt", instant),
    cancelled: required("cancelled", flag),
    failed: required("failed", flag),
    expired: required("expired", flag),
  };
}

export function downloadBody(snapshotId: string): WireObject {
  return { deliveryType: "download", snapshotId };
}

/** One that does not say what it is could be a download: it stays among them, and its files are not known. */
export function mayBeDownload(object: WireObject): boolean {
  const delivery = deliveryOf(fieldsOf("restore job", object));
  return !delivery.known || delivery.value === "download";
}

/**
 * Atlas lists addresses twice: all of them, and by replica set, the config servers of a sharded cluster among them. While a
 * replica set has no address yet, none is told.
 */
function filesOf(fields: Fields): Observed<readonly DownloadFile[]> {
  const delivery = deliveryOf(fields);
  const bare = fields.optional("deliveryUrl", z.array(address));
  const bySet = fields.optional("components", z.array(component));
  if (!delivery.known) return delivery;
  if (!bare.known || !bySet.known) return unreadable("cannot be read"); // the reasons would show an address
  const urls = bare.value ?? NONE_YET;
  const sets = bySet.value ?? NONE_YET;
  const named = sets.flatMap(({ replicaSetName: replicaSet, downloadUrl: url }) => (url ? [{ replicaSet, url }] : []));
  if (named.length > 0 && named.length < sets.length) return known(NONE_YET);
  const files = named.length > 0 ? named : urls.map((url) => ({ replicaSet: null, url }));
  const isWhole = urls.every((url) => files.some((file) => file.url === url));
  if (isWhole && areDistinct(files.map(({ url }) => url)) && areDistinct(sets.map((set) => set.replicaSetName))) {
    return known(files);
  }
  return unreadable("do not agree with its replica sets");
}

function unreadable(problem: string): Observed<never> {
  return notKnown(new OpsError("protocol", `the addresses of a download ${problem}`));
}

/** Atlas leaves the lists out, or empty, until it has packed the snapshot. */
const NONE_YET: readonly never[] = [];

function areDistinct(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}

function deliveryOf({ required }: Fields): Observed<Delivery> {
  return required("deliveryType", z.enum(DELIVERIES));
}

/** What must not be seen of a job, whatever becomes of the answer: its addresses, and what grants access in each of them. */
export function downloadSecrets(object: WireObject): readonly string[] {
  const urls = urlsIn([object["deliveryUrl"], object["privateDownloadDeliveryUrls"], object["components"]]);
  return urls.flatMap((url) => [url, ...(URL.canParse(url) ? partsOf(new URL(url)) : [])]);
}

const URLS_DEPTH_MAX = 5;

function urlsIn(value: unknown, depth = 0): readonly string[] {
  if (typeof value === "string") return /^https?:/i.test(value) ? [value] : [];
  if (typeof value !== "object" || value === null || depth > URLS_DEPTH_MAX) return [];
  return Object.values(value).flatMap((part) => urlsIn(part, depth + 1));
}

/** A shorter parameter grants nothing: it is a date, a number or a word, and blanking such out would mar all output. */
const SECRET_CHARS_MIN = 16;

function partsOf({ pathname, search, searchParams }: URL): readonly string[] {
  const parameters = [...searchParams.values()].filter((value) => value.length >= SECRET_CHARS_MIN);
  return [pathname, `${pathname}${search}`, ...parameters].filter((part) => part.length >= SECRET_CHARS_MIN);
}
