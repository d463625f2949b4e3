import { describe, expect, it } from "vitest";
import { known } from "../../../src/core/observed.ts";
import type { BucketSettings } from "../../../src/ports/s3.ts";
import { connectToS3, failure, type Handler, refused, type S3Answer, serve } from "./harness.ts";

const BUCKET = "litally-archive";

const RULE = `<Rule><ID>tidy</ID><Status>Enabled</Status><Filter><Prefix>atlas/</Prefix></Filter>
  <AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>`;

const switches = (...states: readonly string[]) =>
  ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
    .flatMap((name, index) => (states[index] === undefined ? [] : [`<${name}>${states[index]}</${name}>`]))
    .join("");
const blocked = (...states: readonly string[]) =>
  `<PublicAccessBlockConfiguration>${switches(...states)}</PublicAccessBlockConfiguration>`;
const encrypted = (rules: string) => `<ServerSideEncryptionConfiguration>${rules}</ServerSideEncryptionConfiguration>`;
const byDefault = (content: string) =>
  `<Rule><ApplyServerSideEncryptionByDefault>${content}</ApplyServerSideEncryptionByDefault></Rule>`;
const locked = (content: string) => `<ObjectLockConfiguration>${content}</ObjectLockConfiguration>`;
const retention = (content: string) =>
  locked(`<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>${content}</DefaultRetention></Rule>`);
const rules = (content: string) => `<LifecycleConfiguration>${content}</LifecycleConfiguration>`;

/** By what the query names; `""` is the HEAD. */
const HEALTHY: Readonly<Record<string, S3Answer>> = {
  "": { headers: { "x-amz-bucket-region": "ap-south-1" } },
  versioning: { body: "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>" },
  "object-lock": { body: locked("<ObjectLockEnabled>Enabled</ObjectLockEnabled>") },
  encryption: { body: encrypted(byDefault("<SSEAlgorithm>AES256</SSEAlgorithm>")) },
  publicAccessBlock: { body: blocked("true", "true", "true", "true") },
  lifecycle: { body: rules(RULE) },
};

function bucketOf(answers: Readonly<Record<string, S3Answer>>): Handler {
  return ({ method, url }, response) => {
    const [parameter = ""] = new URL(url, "http://127.0.0.1").searchParams.keys();
    const { status = 200, body = "", headers = {} } = answers[parameter] ?? { status: 418 };
    response.writeHead(status, { "x-amz-request-id": "r-1", ...headers });
    response.end(method === "HEAD" ? undefined : body);
  };
}

const connected = async (answers: Readonly<Record<string, S3Answer>> = {}) =>
  connectToS3(await serve(bucketOf({ ...HEALTHY, ...answers })));
const settingsOf = async (answers: Readonly<Record<string, S3Answer>> = {}) =>
  (await connected(answers)).getBucket(BUCKET);

describe("a bucket", () => {
  it("is read in all its parts, each asked of the policy's account alone", async () => {
    const server = await serve(bucketOf(HEALTHY));
    expect(await connectToS3(server).getBucket(BUCKET)).toEqual({
      region: known("ap-south-1"),
      versioning: known("enabled"),
      objectLock: known({ defaultRetention: null }),
      encryption: known({ algorithm: "AES256", kmsKeyId: null }),
      publicAccessBlocked: known(true),
      lifecycle: known([
        {
          id: "tidy",
          enabled: true,
          prefix: "atlas/",
          tags: {},
          largerThanBytes: null,
          smallerThanBytes: null,
          expiration: null,
          expiresDeleteMarkers: false,
          noncurrentExpiration: null,
          transitions: [],
          noncurrentTransitions: [],
          abortUploadsAfterDays: 7,
        },
      ]),
    } satisfies BucketSettings);
    expect(server.seen.map(({ headers }) => headers["x-amz-expected-bucket-owner"])).toEqual(
      Array.from({ length: 6 }, () => "111122223333"),
    );
  });

  it.each<readonly [keyof BucketSettings, string, S3Answer, unknown]>([
    ["versioning", "versioning", { body: "<VersioningConfiguration/>" }, "off"],
    [
      "versioning",
      "versioning",
      { body: "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>" },
      "suspended",
    ],
    ["objectLock", "object-lock", refused(404, "ObjectLockConfigurationNotFoundError"), null],
    [
      "objectLock",
      "object-lock",
      { body: retention("<Mode>GOVERNANCE</Mode><Days>30</Days>") },
      { defaultRetention: { mode: "GOVERNANCE", days: 30 } },
    ],
    [
      "objectLock",
      "object-lock",
      { body: retention("<Mode>COMPLIANCE</Mode><Years>5</Years>") },
      { defaultRetention: { mode: "COMPLIANCE", days: 1825 } },
    ],
    ["encryption", "encryption", refused(404, "ServerSideEncryptionConfigurationNotFoundError"), null],
    [
      "encryption",
      "encryption",
      {
        body: encrypted(
          byDefault("<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>alias/archive</KMSMasterKeyID>"),
        ),
      },
      { algorithm: "aws:kms", kmsKeyId: "alias/archive" },
    ],
    ["publicAccessBlocked", "publicAccessBlock", refused(404, "NoSuchPublicAccessBlockConfiguration"), false],
    ["publicAccessBlocked", "publicAccessBlock", { body: blocked("true", "true", "true", "false") }, false],
    ["lifecycle", "lifecycle", refused(404, "NoSuchLifecycleConfiguration"), []],
  ])("%s (%s %o)", async (part, parameter, answer, value) => {
    expect((await settingsOf({ [parameter]: answer }))[part]).toEqual(known(value));
  });

  const HTML = { body: "<html><body>Sign in</body></html>" };
  const PARTS = [
    ["region", "", {}],
    ["objectLock", "object-lock", HTML],
    ["objectLock", "object-lock", { body: locked("<ObjectLockEnabled>Perhaps</ObjectLockEnabled>") }],
    ["objectLock", "object-lock", { body: retention("<Mode>COMPLIANCE</Mode>") }],
    ["objectLock", "object-lock", { body: retention("<Mode>STRICT</Mode><Days>3</Days>") }],
    ["encryption", "encryption", HTML],
    ["encryption", "encryption", { body: encrypted(byDefault("")) }],
    ["encryption", "encryption", { body: encrypted("<Rule/>") }],
    ["publicAccessBlocked", "publicAccessBlock", HTML],
    ["publicAccessBlocked", "publicAccessBlock", { body: blocked("true", "true", "true") }],
    [
      "versioning",
      "versioning",
      { body: "<VersioningConfiguration><Status>Paused</Status></VersioningConfiguration>" },
    ],
    ["versioning", "versioning", { body: "<VersioningConfiguration><Status>Enab" }],
    ["lifecycle", "lifecycle", HTML],
    ["lifecycle", "lifecycle", { body: rules("") }],
  ] as const;
  it.each(PARTS)("cannot be read in its %s (%s %o), and still in the others", async (part, parameter, answer) => {
    const settings = await settingsOf({ [parameter]: answer });
    expect(settings[part]).toMatchObject({ known: false, reason: { kind: "protocol" } });
    expect(Object.values(settings).filter((other) => !other.known)).toHaveLength(1);
  });

  it.each(["versioning", "object-lock", "encryption", "publicAccessBlock", "lifecycle"])(
    "a refusal to show %s is not known, and names what to grant and where",
    async (parameter) => {
      const settings = await settingsOf({ [parameter]: refused(403, "AccessDenied") });
      const unknown = Object.values(settings).flatMap((part) => (part.known ? [] : [part.reason]));
      expect(unknown).toHaveLength(1);
      expect(unknown[0]).toMatchObject({ kind: "auth" });
      expect(unknown[0]?.hint).toMatch(/^grant s3:\w+ on s3:\/\/litally-archive of account 111122223333 to/);
      expect(`${unknown[0]?.message}${unknown[0]?.hint}`).not.toContain("secret words");
    },
  );

  it("whose head alone is refused, has no region", async () => {
    const settings = await settingsOf({ "": { status: 403, headers: { "x-amz-bucket-region": "eu-west-1" } } });
    expect(settings.region).toMatchObject({ known: false, reason: { kind: "auth" } });
    expect(settings.versioning.known).toBe(true);
  });

  it("that is not there is not found, whichever answer says so", async () => {
    expect(await failure((await connected({ "": { status: 404 } })).getBucket(BUCKET))).toMatchObject({
      kind: "not-found",
    });
    const gone = await connected({ encryption: refused(404, "NoSuchBucket") });
    expect(await failure(gone.getBucket(BUCKET))).toMatchObject({ kind: "not-found" });
  });

  it("a 404 that is nobody's says nothing", async () => {
    const server = await serve((_request, response) => void response.writeHead(404).end());
    const settings = await connectToS3(server).getBucket(BUCKET);
    for (const part of Object.values(settings))
      expect(part).toMatchObject({ known: false, reason: { kind: "protocol" } });
  });

  it("of another region is known to be there, and the rest is not known", async () => {
    const elsewhere = { headers: { "x-amz-bucket-region": "eu-west-1" } };
    const settings = await settingsOf({
      "": { status: 301, ...elsewhere },
      versioning: { ...refused(301, "PermanentRedirect"), ...elsewhere },
      encryption: refused(400, "AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"),
    });
    expect(settings.region).toEqual(known("eu-west-1"));
    for (const part of [settings.versioning, settings.encryption]) {
      expect(part).toMatchObject({ known: false, reason: { kind: "rejected" } });
      expect(part.known ? "" : part.reason.message).toContain("eu-west-1");
    }
  });
});

describe("lifecycle rules", () => {
  const ruleOf = async (content: string) => {
    const { lifecycle } = await settingsOf({ lifecycle: { body: rules(`<Rule>${content}</Rule>`) } });
    return lifecycle.known ? lifecycle.value[0] : lifecycle.reason;
  };
  const ACT = "<Expiration><Days>30</Days></Expiration>";
  const HEAD = "<ID>r</ID><Status>Enabled</Status><Filter/>";

  it.each([
    [`<ID>r</ID><Status>Disabled</Status><Prefix>old/</Prefix>${ACT}`, { enabled: false, prefix: "old/" }],
    [`${HEAD}${ACT}`, { id: "r", prefix: "", expiration: { days: 30 } }],
    [
      `<ID>r</ID><Status>Enabled</Status><Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter>${ACT}`,
      { tags: { k: "v" }, prefix: "" },
    ],
    [
      `<ID>r</ID><Status>Enabled</Status><Filter><And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>
       <Tag><Key>l</Key><Value/></Tag><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan>
       <ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter>${ACT}`,
      { prefix: "a/", tags: { k: "v", l: "" }, largerThanBytes: 5, smallerThanBytes: 9 },
    ],
    [
      `${HEAD}<Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration>`,
      { expiration: { date: new Date("2030-01-01T00:00:00Z") } },
    ],
    [
      `${HEAD}<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>`,
      { expiration: null, expiresDeleteMarkers: true },
    ],
    [
      `${HEAD}<NoncurrentVersionExpiration><NoncurrentDays>9</NoncurrentDays></NoncurrentVersionExpiration>`,
      { noncurrentExpiration: { days: 9, newerVersions: null } },
    ],
    [
      `${HEAD}<Transition><Days>0</Days><StorageClass>DEEP_ARCHIVE</StorageClass></Transition>
       <NoncurrentVersionTransition><NoncurrentDays>3</NoncurrentDays><StorageClass>GLACIER</StorageClass>
       </NoncurrentVersionTransition>`,
      {
        transitions: [{ after: { days: 0 }, storageClass: "DEEP_ARCHIVE" }],
        noncurrentTransitions: [{ after: { days: 3 }, storageClass: "GLACIER" }],
      },
    ],
  ])("%s", async (content, expected) => expect(await ruleOf(content)).toMatchObject(expected));

  it.each([
    ["of a status that nobody knows", `<ID>r</ID><Status>Paused</Status><Filter/>${ACT}`],
    ["that limits itself in no known way", `<ID>r</ID><Status>Enabled</Status>${ACT}`],
    ["that does nothing known", `${HEAD}<Vanish><Days>3</Days></Vanish>`],
    ["that expires at no known time", `${HEAD}<Expiration><Weeks>3</Weeks></Expiration>`],
    ["that moves objects at no known time", `${HEAD}<Transition><StorageClass>GLACIER</StorageClass></Transition>`],
    ["that expires after a number that is none", `${HEAD}<Expiration><Days>soon</Days></Expiration>`],
    ["that moves objects nowhere", `${HEAD}<Transition><Days>3</Days></Transition>`],
  ])("a rule %s leaves them not known", async (_what, content) => {
    expect(await ruleOf(content)).toMatchObject({ kind: "protocol" });
  });
});
