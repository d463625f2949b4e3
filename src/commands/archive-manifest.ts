/**
 * Manifests as JSON: the one source of config/archive-manifest.schema.json, read strictly and written the same way every
 * time, for the bytes of a manifest are locked for years.
 */
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import { MANIFEST_VERSION, type Manifest } from "../rules/archive/manifest.ts";

/** OpsError `protocol` where a text is no manifest, or one of a version that is not known here. */
export function parseManifest(text: string, what: string): Manifest {
  const json = parseJson(text, what);
  const { data: head } = z.safeParse(z.object({ version: z.number() }), json);
  if (head !== undefined && head.version !== MANIFEST_VERSION)
    throw new OpsError(
      "protocol",
      `${what} is of version ${head.version}, this litally-ops reads ${MANIFEST_VERSION}`,
      {
        hint: "upgrade litally-ops",
      },
    );
  const parsed = z.safeDecode(schema, json as z.input<typeof schema>); // checked by what it is given to
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: "it cannot be read" };
  throw new OpsError("protocol", `${what} is no manifest of an archive: ${path.join(".") || "the whole"}: ${message}`);
}

/** The text of a manifest: its fields in the order of the schema. */
export function serialiseManifest(manifest: Manifest): string {
  const json = z.encode(schema, manifest as z.output<typeof schema>); // which differs in what may be changed: nothing is
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** What is published for others to read manifests by. */
export function manifestJsonSchema(): object {
  return { ...z.toJSONSchema(schema, { io: "input" }), title: "Manifest of an archive of litally-ops" };
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new OpsError("protocol", `${what} is no JSON`);
  }
}

const instant = () =>
  z.codec(z.iso.datetime(), z.date(), { decode: (text) => new Date(text), encode: (date) => date.toISOString() });
const text = () => z.string().check(z.minLength(1));
const sha256 = () => z.string().check(z.regex(/^[0-9a-f]{64}$/));
const bytes = () => z.int().check(z.nonnegative());

const lock = z.strictObject({ mode: z.enum(["COMPLIANCE", "GOVERNANCE"]), retainUntil: instant() });

const snapshot = z.strictObject({
  id: text(),
  createdAt: instant(),
  mongodVersion: z.nullable(text()),
  isSharded: z.boolean(),
});

const object = z.strictObject({
  key: text(),
  versionId: z.nullable(text()).check(z.describe("null: the bucket kept no versions.")),
  sizeBytes: bytes(),
  partSizeBytes: z.int().check(z.positive()).check(z.describe("All parts but the last are as long as this.")),
  partSha256s: z.array(sha256()).check(z.minLength(1)).check(z.describe("SHA-256 of each part, in order.")),
  root: sha256().check(z.describe("Merkle root over the parts, as docs/archive-format.md defines it.")),
  sha256: z.nullable(sha256()).check(z.describe("Of the whole; null where no one run saw every byte.")),
  isStructureChecked: z
    .boolean()
    .check(z.describe("Whether gzip and tar were followed from first to last byte on the way.")),
});

const schema = z.strictObject({
  version: z.literal(MANIFEST_VERSION),
  database: text(),
  cluster: text(),
  clusterId: text(),
  projectId: text(),
  period: z
    .string()
    .check(z.regex(/^\d{4}-(?:0[1-9]|1[0-2])$/))
    .check(z.describe("The month whose end it closes.")),
  slots: z.array(text()).check(z.minLength(1)).check(z.describe("All that it fills: 2026-12, 2026-Q4, 2026.")),
  snapshot,
  via: z.enum(["download", "export"]),
  storageClass: z
    .enum(["STANDARD", "STANDARD_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"])
    .check(z.describe("Of the objects; the manifest itself is always at hand.")),
  lock: z.nullable(lock).check(z.describe("null: nothing is locked.")),
  objects: z.array(object).check(z.minLength(1)),
  merkleRoot: sha256().check(z.describe("Over the roots of the objects, in their order.")),
  startedAt: instant(),
  completedAt: instant(),
  pushedBy: text(),
  toolVersion: text(),
});
