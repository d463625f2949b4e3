/** How S3 writes what the port speaks of: digests, instants, classes, locks, restores, and lists over pages. */
import * as z from "zod/mini";
import { OpsError } from "../../core/error.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import {
  type Keeping,
  LOCK_MODES,
  type ObjectAddress,
  type PutResult,
  STORAGE_CLASSES,
  type Thaw,
} from "../../ports/s3.ts";

export const text = z.string().check(z.minLength(1));
export const count = z.int().check(z.nonnegative());
export const positive = z.int().check(z.positive());
export const instant = z.date();
export const lockMode = z.enum(LOCK_MODES);
export const storageClass = z.enum(STORAGE_CLASSES);

/** 32 bytes in base 64, as 64 hexadecimal digits. */
export const sha256 = z.pipe(
  z.string().check(z.regex(/^[A-Za-z0-9+/]{43}=$/)),
  z.transform((base64) => Buffer.from(base64, "base64").toString("hex")),
);

export function inBase64(sha256Hex: string): string {
  return Buffer.from(sha256Hex, "hex").toString("base64");
}

export const putResult = z.pipe(
  z.object({ ETag: text, VersionId: orNull(text) }),
  z.transform(({ ETag: etag, VersionId: versionId }): PutResult => ({ etag, versionId })),
);

/** S3 leaves an empty list out: for answers that some other field shows to be lists at all. */
export function listOf<T>(item: z.ZodMiniType<T>) {
  return z._default(z.array(item), []);
}

/** What S3 leaves out where there is none. */
export function orNull<T>(type: z.ZodMiniType<T>) {
  return z.pipe(
    z.optional(type),
    z.transform((value) => value ?? null),
  );
}

/** For a transform that meets a form which this version does not know. */
export function unreadable(context: z.core.ParsePayload): never {
  context.issues.push({ code: "custom", input: context.value, message: "unknown" });
  return z.NEVER;
}

/** One part of an answer, where the others stay readable without it. */
export function observed<T>(what: string, type: z.ZodMiniType<T>, value: unknown): Observed<T> {
  const parsed = z.safeParse(type, value);
  if (parsed.success) return known(parsed.data);
  return notKnown(new OpsError("protocol", `${what} is not as this version knows it`));
}

/** `ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"`: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
export const thaw = z.pipe(
  z.optional(z.string()),
  z.transform((header, context): Thaw => {
    if (header === undefined) return null;
    if (header === 'ongoing-request="true"') return { state: "ongoing" };
    const expiry = /^ongoing-request="false", expiry-date="(\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT)"$/.exec(header);
    const until = new Date(expiry?.[1] ?? Number.NaN);
    if (!Number.isNaN(until.getTime())) return { state: "ready", until };
    return unreadable(context);
  }),
);

/** The members by which a command names an object. */
export function objectInput({ bucket, key, versionId }: ObjectAddress) {
  return { Bucket: bucket, Key: key, ...(versionId === undefined ? {} : { VersionId: versionId }) };
}

/** Reading a version takes an action of its own. */
export function readAction({ versionId }: ObjectAddress): string {
  return versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion";
}

/** The members by which a command says how the object is to be kept. */
export function keepingInput({ storageClass, lock }: Keeping) {
  return {
    StorageClass: storageClass,
    ...(lock === null ? {} : { ObjectLockMode: lock.mode, ObjectLockRetainUntilDate: lock.retainUntil }),
  };
}

/** What a write takes that sets a lock, or none. */
export function putAction({ lock }: Keeping): string {
  return lock === null ? "s3:PutObject" : "s3:PutObject (and s3:PutObjectRetention)";
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly isTruncated: boolean;
  /** Where the next page begins, in as many words as S3 needs for that; "" where it left one out. */
  readonly next: readonly string[];
}

/** S3 gives 1,000 items on a page: a million under one prefix are no archive of ours. */
const PAGES_MAX = 1_000;

/** All items or an error: a list that breaks off says nothing about what it left out. */
export async function allPages<Item>(what: string, getPage: GetPage<Item>): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const page of eachPage(what, getPage)) items.push(...page);
  return items;
}

type GetPage<Item> = (marker: readonly string[]) => Promise<Page<Item>>;

/** One page after the other, for those who do not need them all, or not all at once. */
export async function* eachPage<Item>(what: string, getPage: GetPage<Item>): AsyncGenerator<readonly Item[]> {
  const seen = new Set<string>();
  let marker: readonly string[] = [];
  for (let pages = 1; pages <= PAGES_MAX; pages += 1) {
    const page = await getPage(marker);
    yield page.items;
    if (!page.isTruncated) return;
    marker = page.next;
    const place = JSON.stringify(marker);
    if (marker.includes("")) throw new OpsError("protocol", `${what}: page ${pages} promises more, but not where`);
    if (seen.has(place)) throw new OpsError("protocol", `${what}: page ${pages} leads back to an earlier one`);
    seen.add(place);
  }
  throw new OpsError("protocol", `${what}: more than ${PAGES_MAX} pages`);
}
