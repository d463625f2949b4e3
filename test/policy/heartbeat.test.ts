/** Schedules: what is refused is what nobody would hear of, and a url that stands in the file. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the policy, not of this language
import { describe, expect, test } from "vitest";
import { COMMAND_NAMES } from "../../src/core/command-names.ts";
import { OpsError } from "../../src/core/error.ts";
import { parsePolicy } from "../../src/policy/load.ts";

const BARE = `version: 1
environment: test
atlas: { projectId: "65e1f0aabbccddeeff001122" }
`;
const AWS = `aws: { accountId: "123456789012", region: ap-south-1 }
topics: [{ name: ops, subscriptions: [{ protocol: email, endpoint: a@b.example }] }]
`;
const ALARMS = `alarms: { owned: our-, notify: { critical: [ops], warning: [] } }
`;
const NIGHTLY = "{ command: backup verify, every: 1d, grace: 3h }";
const MONTHLY = "{ command: archive push, every: 31d, grace: 5d }";
const DOCTOR = "{ command: doctor, every: 1d, grace: 3h }";
const URL_OF = { HC: "https://hc-ping.com/canary-of-ping" };

const policy = (schedules: readonly string[], { head = BARE + AWS + ALARMS, more = "" } = {}) =>
  `${head}heartbeat:\n${more}  schedules:\n${schedules.map((one) => `    - ${one}\n`).join("")}`;

function problems(text: string, env: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    parsePolicy(text, "p.yaml", env);
    return [];
  } catch (error) {
    if (error instanceof OpsError) return error.message.split("\n").filter((line) => !/ \d+ problems$/.test(line));
    throw error;
  }
}

const withUrl = (schedule: string, url: string) => schedule.replace(" }", () => `, url: "${url}" }`);

describe("a heartbeat", () => {
  test.each([
    ["by the metric, which an alarm watches", policy([NIGHTLY]), {}],
    ["by a url of its own", policy([withUrl(NIGHTLY, "${HC}")], { head: BARE }), URL_OF],
    ["by a common url", policy([NIGHTLY], { head: BARE, more: "  url: ${HC}\n" }), URL_OF],
    ["by a url that is a reference in part", policy([withUrl(NIGHTLY, "https://hc-ping.com/${KEY}")]), { KEY: "k" }],
    ["on loopback", policy([withUrl(NIGHTLY, "${HC}")]), { HC: "http://127.0.0.1:8000/ping" }],
    ["too rare for an alarm, looked after by doctor", policy([MONTHLY, DOCTOR]), {}],
    ["too rare for an alarm, with a url", policy([withUrl(MONTHLY, "${HC}")]), URL_OF],
    ["in a repository that is named", policy([NIGHTLY], { more: "  repository: litally/ops.tools\n" }), {}],
    ["of a week in all", policy(["{ command: doctor, every: 6d, grace: 1d, workflow: weekly.yml }"]), {}],
  ])("%s", (_title, text, env) => {
    expect(problems(text, env)).toEqual([]);
  });

  test.each<readonly [string, string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      "nobody outside is told",
      policy([NIGHTLY], { head: BARE }),
      {},
      [
        "6:7: heartbeat.schedules[0]: nobody outside would be told of its runs; write a url, or declare aws for its metric",
      ],
    ],
    [
      "the metric is not sent",
      policy([NIGHTLY], { more: "  cloudwatch: false\n" }),
      {},
      [
        "10:7: heartbeat.schedules[0]: nobody outside would be told of its runs; write a url, or declare aws for its metric",
      ],
    ],
    [
      "no alarm watches the metric",
      policy([NIGHTLY], { head: BARE + AWS }),
      {},
      [
        "8:7: heartbeat.schedules[0]: no alarm could tell that it was missed; write alarms: { owned, notify }, or a url",
      ],
    ],
    [
      "no alarm looks back so far",
      policy([MONTHLY]),
      {},
      [
        '9:7: heartbeat.schedules[0]: "31d" and its grace are longer than a CloudWatch alarm looks back (7d): nobody would notice that it was missed; write a url, or a schedule of doctor that runs more often, for doctor --schedules to look after it',
      ],
    ],
    [
      "doctor itself runs too rarely",
      policy([MONTHLY, DOCTOR.replace("1d", "7d")]),
      {},
      [
        '9:7: heartbeat.schedules[0]: "31d" and its grace are longer than a CloudWatch alarm looks back (7d): nobody would notice that it was missed; write a url, or a schedule of doctor that runs more often, for doctor --schedules to look after it',
        '10:7: heartbeat.schedules[1]: "7d" and its grace are longer than a CloudWatch alarm looks back (7d): nobody would notice that it was missed; write a url, or a schedule of doctor that runs more often, for doctor --schedules to look after it',
      ],
    ],
    [
      "its severity reaches no topic",
      policy([NIGHTLY], { more: "  severity: warning\n" }),
      {},
      [
        "8:13: heartbeat.severity: alarms.notify.warning names no topic, so that nobody would hear of a missed run; write one there",
      ],
    ],
    [
      "CloudWatch is to be told without an account",
      policy([withUrl(NIGHTLY, "${HC}")], { head: BARE, more: "  cloudwatch: true\n" }),
      URL_OF,
      ["1:1: aws: is missing, and the heartbeat's metrics need it; write aws: { accountId, region }"],
    ],
    [
      "a command stands there twice",
      policy([NIGHTLY, NIGHTLY]),
      {},
      ['10:18: heartbeat.schedules[1].command: "backup verify" stands above already; write another'],
    ],
    [
      "two share a url",
      policy([withUrl(NIGHTLY, "${HC}"), withUrl(DOCTOR, "${HC2}"), withUrl(MONTHLY, "${HC3}")]),
      { ...URL_OF, HC2: "https://hc-ping.com/another", HC3: `${URL_OF.HC}/` },
      [
        "11:60: heartbeat.schedules[2].url: is that of another schedule, which would keep quiet that this one does not run; give each its own",
      ],
    ],
    [
      "its alarm is declared by hand",
      policy([NIGHTLY]).replace("owned: our-,", "owned: our-, exceptions: [our-heartbeat-backup-verify-missed],"),
      {},
      [
        "9:7: heartbeat.schedules[0]: it becomes the alarm our-heartbeat-backup-verify-missed, which stands under alarms too; remove it there",
      ],
    ],
    [
      "its repository is an address",
      policy([NIGHTLY], { more: "  repository: https://github.com/litally/ops\n" }),
      {},
      ['8:15: heartbeat.repository: "https://github.com/litally/ops" is not a repository; write owner/name'],
    ],
    [
      "there is no schedule",
      `${BARE}heartbeat: { schedules: [] }`,
      {},
      ["4:25: heartbeat.schedules: an empty list is not a list of at least one schedule; write one"],
    ],
    [
      "a command has flags",
      policy(["{ command: doctor --schedules, every: 1d, grace: 3h }"]),
      {},
      [
        '9:18: heartbeat.schedules[0].command: "doctor --schedules" is not the name of a command; write it without its flags, such as backup verify',
      ],
    ],
  ])("is refused where %s", (_title, text, env, expected) => {
    expect(problems(text, env)).toEqual(expected.map((line) => `p.yaml:${line}`));
  });
});

describe("the url", () => {
  const LITERAL = "whoever reads this url can silence the watch; write ${NAME}, and set that variable";
  const NO_URL = "as the environment has it, is no https url without user, ? and #; set it to one";

  test.each(["https://hc-ping.com/canary-of-ping", "$${HC}"])(
    "is refused where it stands in the file, and not shown: %s",
    (url) => {
      expect(problems(policy([withUrl(NIGHTLY, url)]))).toEqual([
        `p.yaml:9:60: heartbeat.schedules[0].url: ${LITERAL}`,
      ]);
    },
  );

  test.each([
    "http://hc-ping.com/canary-of-ping",
    "https://user:canary-of-ping@host/",
    "https://hc-ping.com/canary-of-ping?create=1",
    "https://hc-ping.com/canary-of-ping#",
    "ftp://127.0.0.1/canary-of-ping",
    "canary-of-ping",
  ])("is refused where it is none that can be trusted, and not shown: %s", (HC) => {
    expect(problems(policy([NIGHTLY], { more: "  url: ${HC}\n" }), { HC })).toEqual([
      `p.yaml:8:8: heartbeat.url: ${NO_URL}`,
    ]);
  });

  test("is demanded of nobody but who sends the pings", () => {
    const text = policy([withUrl(NIGHTLY, "${HC}")]);
    const { policy: seen } = parsePolicy(text, "p.yaml", {}, ["alarms", "heartbeat"]);
    expect(seen.heartbeat?.schedules[0]?.command).toBe("backup verify");
    const needed = "p.yaml:9:60: heartbeat.schedules[0].url: needs the environment variable HC, which is not set";
    for (const asked of [["heartbeat", "pings"], []] as const) {
      expect(() => parsePolicy(text, "p.yaml", {}, asked)).toThrow(needed);
      expect(() => parsePolicy(text, "p.yaml", URL_OF, asked)).not.toThrow();
    }
  });

  test("is kept as secret, and shown by its reference", () => {
    const { secrets, effective } = parsePolicy(policy([NIGHTLY], { more: "  url: ${HC}\n" }), "p.yaml", URL_OF);
    expect(secrets).toEqual([URL_OF.HC]);
    expect(effective()).toMatchObject({ heartbeat: { url: "${HC}", severity: "critical" } });
  });
});

describe("the command of a schedule", () => {
  const of = (command: string) => problems(policy([NIGHTLY.replace("backup verify", command)]));

  test.each([
    ["backup verfy", '"backup verfy" is no command (did you mean "backup verify"?); write its name without flags'],
    ["backup", '"backup" is no command; write its name without flags'],
    [
      "restore apply",
      '"restore apply" is once for each plan and has no rhythm; the plan of a drill beats as the drill: write restore drill',
    ],
  ])("is refused where nothing by it can ever run: %s", (command, says) => {
    expect(of(command)).toEqual([`p.yaml:9:18: heartbeat.schedules[0].command: ${says}`]);
  });

  test.each(COMMAND_NAMES.filter((name) => name !== "restore apply"))("may be %s", (command) => {
    expect(of(command)).toEqual([]);
  });
});
