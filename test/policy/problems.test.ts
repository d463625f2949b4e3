// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the policy, not of this language
import { describe, expect, test } from "vitest";
import { changed, messageOf, problemsOf } from "./support.ts";

/** Each way the reference policy can go wrong, and every line that is said about it. */
interface Case {
  readonly title: string;
  readonly edits: readonly (readonly [from: string, to: string])[];
  readonly says: readonly string[];
}

describe("a policy that is wrong says what, where, and what would be right", () => {
  test.each(cases())("$title", ({ edits, says }) => {
    expect(problemsOf(changed(...edits))).toEqual(says);
  });
});

test("one problem is one line; several have a heading that counts them and stand in the order of the file", () => {
  const one = changed(["environment: production", "enviroment: production"]);
  const two = changed(["dueWithin: 5d", "dueWithin: soon"], ["grace: 2h", "grace: 30"]);
  expect(messageOf(one)?.split("\n")).toHaveLength(1);
  expect(messageOf(two)?.split("\n")).toEqual([
    "p.yaml: 2 problems",
    expect.stringMatching(/^p\.yaml:24:12: databases\[0\]\.grace: /),
    expect.stringMatching(/^p\.yaml:41:16: archives\[0\]\.dueWithin: /),
  ]);
});

/** Just inside the limits that the cases above are just outside of. */
describe("a policy at the limit loads", () => {
  const daily = "      - { frequency: daily, retain: 30d }";
  test.each<readonly [string, string, string]>([
    [
      "weekly snapshots kept for a week",
      daily,
      "      - { frequency: daily, retain: 7d }\n      - { frequency: weekly, retain: 7d }",
    ],
    ["daily snapshots kept for a century", "daily, retain: 30d", "daily, retain: 36525d"],
    ["monthly snapshots kept for a month", daily, `${daily}\n      - { frequency: monthly, retain: 1mo }`],
    ["monthly snapshots kept for five weeks", daily, `${daily}\n      - { frequency: monthly, retain: 5w }`],
    ["yearly snapshots kept for 365 days", daily, `${daily}\n      - { frequency: yearly, retain: 365d }`],
    [
      "a window as long as the hourly snapshots are kept",
      daily,
      `      - { frequency: hourly, retain: 7d, every: 12h }\n${daily}`,
    ],
    ["a grace a minute shorter than the interval", "grace: 2h", "grace: 1439m"],
    ["a slot kept for its period", "- { frequency: quarterly, retain: 5y }", "- { frequency: quarterly, retain: 92d }"],
    [
      "a lock as long as locks can last",
      "- { frequency: quarterly, retain: 5y }",
      "- { frequency: quarterly, retain: 100y }",
    ],
    ["an archive due within a month", "dueWithin: 5d", "dueWithin: 31d"],
    ["as many datapoints as there are", "datapoints: 2 of 3", "datapoints: 3 of 3"],
    ["datapoints over one day", "datapoints: 2 of 3", "datapoints: 2 of 288"],
    ["a drill onto a cluster that nobody declares", "target: litally-drill", "target: elsewhere"],
    [
      "copies in two regions",
      "      - { region: ap-southeast-1,",
      "      - { region: eu-west-1, frequencies: [daily] }\n      - { region: ap-southeast-1,",
    ],
  ])("%s", (_title, from, to) => {
    expect(problemsOf(changed([from, to]))).toEqual([]);
  });
});

function cases(): readonly Case[] {
  return [
    {
      title: "an unknown key, with a suggestion",
      edits: [["environment: production", "enviroment: production"]],
      says: [
        'p.yaml:7:1: enviroment: unknown key; write version, environment, atlas, aws, databases, archives, topics, alarms, heartbeat, waivers or auditLog (did you mean "environment"?)',
      ],
    },
    {
      title: "an unknown key that resembles none",
      edits: [["    grace: 2h", "    colour: 2h"]],
      says: [
        "p.yaml:24:5: databases[0].colour: unknown key; write name, cluster, protected, objectives, continuousBackup, snapshots, referenceTime, grace, copies, archive, drill, invariants or encryption",
      ],
    },
    {
      title: "a missing key",
      edits: [["      - { frequency: daily, retain: 30d }", "      - { frequency: daily }"]],
      says: [
        "p.yaml:23:9: databases[0].snapshots[0].retain: is missing: a retention in whole days, weeks, months or years; write 30d, 4w, 12mo or 5y",
      ],
    },
    {
      title: "a wrong version",
      edits: [["version: 1", "version: 2"]],
      says: ["p.yaml:6:10: version: 2 is not a known version of this format; write 1"],
    },
    {
      title: "an id that YAML takes for a number",
      edits: [["${AWS_ACCOUNT_ID}", "123456789012"]],
      says: ["p.yaml:13:14: aws.accountId: 123456789012 is not an AWS account; write its 12 digits in quotes"],
    },
    {
      title: "a region in the form of Atlas",
      edits: [["region: ap-southeast-1", "region: AP_SOUTHEAST_1"]],
      says: [
        'p.yaml:26:19: databases[0].copies[0].region: "AP_SOUTHEAST_1" is not an AWS region; write it as AWS does, such as ap-southeast-1 (did you mean "ap-southeast-1"?)',
      ],
    },
    {
      title: "a region of no plausible form",
      edits: [["region: ap-southeast-1", "region: singapore"]],
      says: [
        'p.yaml:26:19: databases[0].copies[0].region: "singapore" is not an AWS region; write it as AWS does, such as ap-southeast-1',
      ],
    },
    {
      title: "a word that is not known, with a suggestion",
      edits: [["- { frequency: daily, retain", "- { frequency: dayly, retain"]],
      says: [
        'p.yaml:23:22: databases[0].snapshots[0].frequency: "dayly" is not a frequency; write hourly, daily, weekly, monthly or yearly (did you mean "daily"?)',
      ],
    },
    {
      title: "a text where a yes or no belongs",
      edits: [["protected: true", "protected: yes"]],
      says: ['p.yaml:19:16: databases[0].protected: "yes" is not a yes or no; write true or false'],
    },
    {
      title: "a number where a duration belongs",
      edits: [["grace: 2h", "grace: 2"]],
      says: ["p.yaml:24:12: databases[0].grace: 2 is not a duration; write 90s, 10m, 26h, 7d, 4w, 6mo or 5y"],
    },
    {
      title: "an empty value",
      edits: [["grace: 2h", "grace:"]],
      says: ["p.yaml:24:12: databases[0].grace: is empty: a duration; write 90s, 10m, 26h, 7d, 4w, 6mo or 5y"],
    },
    {
      title: "a duration of nothing",
      edits: [["rto: 4h", "rto: 0h"]],
      says: [
        'p.yaml:20:34: databases[0].objectives.rto: "0h" is not a duration; write 90s, 10m, 26h, 7d, 4w, 6mo or 5y',
      ],
    },
    {
      title: "a block where a list belongs",
      edits: [["frequencies: [daily], oplogs", "frequencies: { daily: 1 }, oplogs"]],
      says: [
        "p.yaml:26:48: databases[0].copies[0].frequencies: this block is not a list; write one item a line, each after a dash",
      ],
    },
    {
      title: "an empty list that must not be",
      edits: [["frequencies: [daily], oplogs", "frequencies: [], oplogs"]],
      says: [
        "p.yaml:26:48: databases[0].copies[0].frequencies: an empty list is not a list of at least one frequency; write one",
      ],
    },
    {
      title: "a retention finer than a day",
      edits: [["retain: 30d", "retain: 720h"]],
      says: [
        'p.yaml:23:37: databases[0].snapshots[0].retain: "720h" is not a retention in whole days, weeks, months or years; write 30d, 4w, 12mo or 5y',
      ],
    },
    {
      title: "a window that is not in days",
      edits: [["window: 7d", "window: 1mo"]],
      says: ['p.yaml:21:33: databases[0].continuousBackup.window: "1mo" is not a window of whole days; write 7d or 2w'],
    },
    {
      title: "a key id that is no UUID",
      edits: [
        [
          "    archive: financial # one of archives, below\n",
          "    archive: financial # one of archives, below\n    encryption: { masterKeys: [abc] }\n",
        ],
      ],
      says: [
        'p.yaml:28:32: databases[0].encryption.masterKeys[0]: "abc" is not the id of a key; write a UUID, such as 1f0c8a52-6c1d-4b6e-9a57-0d3b2f4c5e6a',
      ],
    },
    {
      title: "an unknown archive",
      edits: [["archive: financial", "archive: finacial"]],
      says: [
        'p.yaml:27:14: databases[0].archive: "finacial" is not under archives; declare it there, or write one that is (did you mean "financial"?)',
      ],
    },
    {
      title: "a database without any backup",
      edits: [["\narchives:\n", "  - name: ledger\n    cluster: litally-ledger\n\narchives:\n"]],
      says: ["p.yaml:29:5: databases[1]: asks for no backup at all; write snapshots, or continuousBackup"],
    },
    {
      title: "a second database of the same name",
      edits: [
        [
          "\narchives:\n",
          "  - name: core\n    cluster: litally-ledger\n    continuousBackup: { window: 7d }\n\narchives:\n",
        ],
      ],
      says: ['p.yaml:29:11: databases[1].name: "core" stands above already; write another'],
    },
    {
      title: "a second database on the same cluster",
      edits: [
        [
          "\narchives:\n",
          "  - name: ledger\n    cluster: litally-core\n    continuousBackup: { window: 7d }\n\narchives:\n",
        ],
      ],
      says: ['p.yaml:30:14: databases[1].cluster: "litally-core" stands above already; write another'],
    },
    {
      title: "a frequency that is declared twice",
      edits: [
        [
          "      - { frequency: daily, retain: 30d }",
          "      - { frequency: daily, retain: 30d }\n      - { frequency: daily, retain: 31d }",
        ],
      ],
      says: [
        'p.yaml:24:22: databases[0].snapshots[1].frequency: "daily" stands above already; keep one entry for each frequency',
      ],
    },
    {
      title: "snapshots kept for more than a century",
      edits: [["- { frequency: daily, retain: 30d }", "- { frequency: daily, retain: 36526d }"]],
      says: ['p.yaml:23:37: databases[0].snapshots[0].retain: "36526d" is longer than a century; write at most 100y'],
    },
    {
      title: "weekly snapshots kept for less than a week",
      edits: [
        [
          "      - { frequency: daily, retain: 30d }",
          "      - { frequency: weekly, retain: 6d }\n      - { frequency: daily, retain: 1d }",
        ],
      ],
      says: [
        'p.yaml:23:38: databases[0].snapshots[0].retain: "6d" is shorter than the weekly period; write at least 7d',
      ],
    },
    {
      title: "monthly snapshots kept for less than a month",
      edits: [
        [
          "      - { frequency: daily, retain: 30d }",
          "      - { frequency: daily, retain: 1d }\n      - { frequency: monthly, retain: 30d }",
        ],
      ],
      says: [
        'p.yaml:24:39: databases[0].snapshots[1].retain: "30d" is shorter than the monthly period; write at least 31d',
      ],
    },
    {
      title: "yearly snapshots kept for less than a year",
      edits: [
        [
          "      - { frequency: daily, retain: 30d }",
          "      - { frequency: daily, retain: 30d }\n      - { frequency: yearly, retain: 364d }",
        ],
      ],
      says: [
        'p.yaml:24:38: databases[0].snapshots[1].retain: "364d" is shorter than the yearly period; write at least 365d',
      ],
    },
    {
      title: "a rarer frequency kept for less",
      edits: [
        [
          "      - { frequency: daily, retain: 30d }",
          "      - { frequency: daily, retain: 30d }\n      - { frequency: weekly, retain: 4w }",
        ],
      ],
      says: [
        'p.yaml:24:38: databases[0].snapshots[1].retain: "4w" is shorter than the "30d" of the daily snapshots, which Atlas refuses; write at least as much',
      ],
    },
    {
      title: "an interval on daily snapshots",
      edits: [["      - { frequency: daily, retain: 30d }", "      - { frequency: daily, retain: 30d, every: 12h }"]],
      says: ["p.yaml:23:49: databases[0].snapshots[0].every: only hourly snapshots take an interval; remove it"],
    },
    {
      title: "an interval that Atlas does not have",
      edits: [
        [
          "      - { frequency: daily, retain: 30d }",
          "      - { frequency: hourly, retain: 30d, every: 3h }\n      - { frequency: daily, retain: 30d }",
        ],
      ],
      says: [
        'p.yaml:23:50: databases[0].snapshots[0].every: "3h" is no interval that Atlas has; write 1h, 2h, 4h, 6h, 8h or 12h',
      ],
    },
    {
      title: "a window that outlasts the hourly snapshots",
      edits: [
        [
          "      - { frequency: daily, retain: 30d }",
          "      - { frequency: hourly, retain: 6d, every: 6h }\n      - { frequency: daily, retain: 30d }",
        ],
      ],
      says: [
        'p.yaml:21:33: databases[0].continuousBackup.window: "7d" reaches further back than the hourly snapshots are kept ("6d"), which Atlas refuses; keep them at least as long',
      ],
    },
    {
      title: "copies of snapshots that are not declared",
      edits: [["frequencies: [daily], oplogs", "frequencies: [daily, weekly], oplogs"]],
      says: [
        "p.yaml:26:56: databases[0].copies[0].frequencies[1]: no weekly snapshots are declared; declare them, or remove this",
      ],
    },
    {
      title: "the same region twice",
      edits: [
        [
          "      - { region: ap-southeast-1, frequencies: [daily], oplogs: true }",
          "      - { region: ap-southeast-1, frequencies: [daily], oplogs: true }\n      - { region: ap-southeast-1, frequencies: [daily] }",
        ],
      ],
      says: [
        'p.yaml:27:19: databases[0].copies[1].region: "ap-southeast-1" stands above already; keep one entry for each region',
      ],
    },
    {
      title: "oplogs to copy where there are none",
      edits: [
        ["    continuousBackup: { window: 7d } # point-in-time recovery reaches back at least this far\n", ""],
        ["rpo: 10m", "rpo: 1d"],
      ],
      says: [
        "p.yaml:25:65: databases[0].copies[0].oplogs: there is no oplog to copy without continuousBackup; declare it, or write false",
      ],
    },
    {
      title: "a loss allowed that is less than snapshots can give",
      edits: [
        ["    continuousBackup: { window: 7d } # point-in-time recovery reaches back at least this far\n", ""],
        ["rpo: 10m", "rpo: 23h"],
        [", oplogs: true", ""],
      ],
      says: [
        'p.yaml:20:24: databases[0].objectives.rpo: "23h" is less than lies between two snapshots; declare continuousBackup, or allow more',
      ],
    },
    {
      title: "a grace as long as the interval",
      edits: [["grace: 2h", "grace: 24h"]],
      says: ['p.yaml:24:12: databases[0].grace: "24h" is not shorter than the time between two snapshots; write less'],
    },
    {
      title: "the default grace as long as the interval",
      edits: [
        ["    grace: 2h", "    #"],
        [
          "      - { frequency: daily, retain: 30d }",
          "      - { frequency: hourly, retain: 7d, every: 1h }\n      - { frequency: daily, retain: 30d }",
        ],
      ],
      says: [
        "p.yaml:17:5: databases[0].grace: 2h, which counts when it is absent, is not shorter than the time between two snapshots; write less",
      ],
    },
    {
      title: "a drill onto the database itself",
      edits: [["target: litally-drill", "target: litally-core"]],
      says: [
        'p.yaml:28:22: databases[0].drill.target: "litally-core" is the cluster of this database itself; write another',
      ],
    },
    {
      title: "a drill onto the database itself, in other letters",
      edits: [["target: litally-drill", "target: Litally-Core"]],
      says: [
        'p.yaml:28:22: databases[0].drill.target: "Litally-Core" is the cluster of this database itself; write another',
      ],
    },
    {
      title: "a drill onto another protected database",
      edits: [
        ["target: litally-drill", "target: litally-ledger"],
        [
          "\narchives:\n",
          "  - name: ledger\n    cluster: litally-ledger\n    protected: true\n    continuousBackup: { window: 7d }\n\narchives:\n",
        ],
      ],
      says: [
        'p.yaml:28:22: databases[0].drill.target: "litally-ledger" is the cluster of a protected database; write another',
      ],
    },
    {
      title: "a second archive of the same name",
      edits: [
        [
          "topics:\n",
          "  - { name: financial, bucket: litally-other, storageClass: GLACIER, objectLock: none, slots: [{ frequency: monthly, retain: 1y }], since: 2026-01, dueWithin: 5d }\ntopics:\n",
        ],
      ],
      says: ['p.yaml:43:13: archives[1].name: "financial" stands above already; write another'],
    },
    {
      title: "a snapshot, or the archive of a slot, that may not be kept as long as it must",
      edits: [
        ["- { frequency: daily, retain: 30d }", "- { frequency: daily, retain: 30d, atMost: 4w }"],
        ["- { frequency: quarterly, retain: 5y }", "- { frequency: quarterly, retain: 5y, atMost: 59mo }"],
      ],
      says: [
        'p.yaml:23:50: databases[0].snapshots[0].atMost: "4w" is shorter than what each is kept at least ("30d"); write at least that',
        'p.yaml:38:53: archives[0].slots[1].atMost: "59mo" is shorter than what each is kept at least ("5y"); write at least that',
      ],
    },
    {
      title: "a slot kept for less than its period",
      edits: [["- { frequency: quarterly, retain: 5y }", "- { frequency: quarterly, retain: 91d }"]],
      says: [
        'p.yaml:38:41: archives[0].slots[1].retain: "91d" is shorter than the quarterly period; write at least that',
      ],
    },
    {
      title: "a slot that stands twice",
      edits: [["- { frequency: quarterly, retain: 5y }", "- { frequency: monthly, retain: 5y }"]],
      says: [
        'p.yaml:38:22: archives[0].slots[1].frequency: "monthly" stands above already; keep one slot for each period',
      ],
    },
    {
      title: "a lock longer than a lock can last",
      edits: [["- { frequency: quarterly, retain: 5y }", "- { frequency: quarterly, retain: 101y }"]],
      says: ['p.yaml:38:41: archives[0].slots[1].retain: "101y" is longer than a lock can last; write at most 100y'],
    },
    {
      title: "an archive due later than the next one",
      edits: [["dueWithin: 5d", "dueWithin: 32d"]],
      says: ['p.yaml:41:16: archives[0].dueWithin: "32d" is longer than the shortest period of the slots; write less'],
    },
    {
      title: "a month that is none",
      edits: [["since: 2026-01", "since: 2026-13"]],
      says: ['p.yaml:40:12: archives[0].since: "2026-13" is not a month; write it as 2026-01'],
    },
    {
      title: "a bucket that cannot be",
      edits: [["bucket: litally-archive", "bucket: Litally_Archive"]],
      says: [
        'p.yaml:32:13: archives[0].bucket: "Litally_Archive" is not the name of a bucket; write 3 to 63 lower-case letters, digits, dots and dashes (did you mean "litally-archive"?)',
      ],
    },
    {
      title: "a prefix without its slash",
      edits: [["prefix: atlas/", "prefix: /atlas"]],
      says: [
        'p.yaml:33:13: archives[0].prefix: "/atlas" is not a prefix; write folders that each end with a slash, such as atlas/',
      ],
    },
    {
      title: "a storage class that is not known",
      edits: [["storageClass: DEEP_ARCHIVE", "storageClass: DEEP_ARCHVE"]],
      says: [
        'p.yaml:34:19: archives[0].storageClass: "DEEP_ARCHVE" is not a storage class; write DEEP_ARCHIVE, GLACIER or GLACIER_IR (did you mean "DEEP_ARCHIVE"?)',
      ],
    },
    {
      title: "archives, topics and alarms without an account",
      edits: [
        [
          "aws:\n  accountId: ${AWS_ACCOUNT_ID} # litally-ops refuses to act in any other account\n  region: ap-south-1\n",
          "",
        ],
      ],
      says: [
        "p.yaml:6:1: aws: is missing, and archives, topics, CloudWatch alarms, the records of auditLog need it; write aws: { accountId, region }",
        ...[0, 1, 2, 3, 4, 5].map(
          (index) =>
            `p.yaml:${107 + index}:7: heartbeat.schedules[${index}]: nobody outside would be told of its runs; write a url, or declare aws for its metric`,
        ),
      ],
    },
    {
      title: "a second topic of the same name",
      edits: [["  - name: litally-critical\n", "  - name: litally-operations\n"]],
      says: [
        'p.yaml:47:11: topics[1].name: "litally-operations" stands above already; write another',
        'p.yaml:55:24: alarms.notify.critical[0]: "litally-critical" is not under topics; declare it there, or write one that is',
      ],
    },
    {
      title: "an endpoint that does not fit its protocol",
      edits: [["protocol: sms, endpoint", "protocol: email, endpoint"]],
      says: [
        'p.yaml:50:38: topics[1].subscriptions[1].endpoint: "${ONCALL_PHONE}" is no endpoint of protocol email; write name@host',
      ],
    },
    {
      title: "a topic that nobody hears",
      edits: [
        [
          "  - name: litally-operations\n    subscriptions:\n      - { protocol: email, endpoint: ops@litally.example }\n",
          "  - name: litally-operations\n",
        ],
      ],
      says: [
        'p.yaml:53:53: alarms.notify.warning[0]: "litally-operations" is a topic without subscriptions, nobody would hear it; write one',
      ],
    },
    {
      title: "an unknown topic",
      edits: [["critical: [litally-critical]", "critical: [litally-critcal]"]],
      says: [
        'p.yaml:55:24: alarms.notify.critical[0]: "litally-critcal" is not under topics; declare it there, or write one that is (did you mean "litally-critical"?)',
      ],
    },
    {
      title: "a severity that reaches no topic",
      edits: [["warning: [litally-operations]", "warning: []"]],
      says: [
        "p.yaml:55:52: alarms.notify.warning: no topic hears the warning alarms declared below; write the name of one",
      ],
    },
    {
      title: "a name outside the owned prefix",
      edits: [["name: litally-api-5xx-rate", "name: api-5xx-rate"]],
      says: [
        'p.yaml:58:13: alarms.declared[0].name: "api-5xx-rate" does not begin with alarms.owned; write "litally-" before it',
      ],
    },
    {
      title: "two alarms of one name after each is written out",
      edits: [["name: litally-lambda-throttles", "name: litally-lambda-error-rate-auth"]],
      says: [
        'p.yaml:94:13: alarms.declared[3].name: "litally-lambda-error-rate-auth" stands above already; write another',
      ],
    },
    {
      title: "a variable that is not in the name",
      edits: [
        [
          "each: { function: [auth, accounts, transactions, reports] }",
          "each: { function: [auth, accounts, transactions, reports], stage: [a, b] }",
        ],
      ],
      says: [
        "p.yaml:72:73: alarms.declared[1].each.stage: is not in the name, so that its alarms would share one; write {stage} there, or remove it",
      ],
    },
    {
      title: "a variable that is not declared",
      edits: [["name: litally-lambda-throttles", "name: litally-lambda-throttles-{stage}"]],
      says: [
        "p.yaml:94:13: alarms.declared[3].name: {stage} is not under each; write each: { stage: [...] } beside it",
      ],
    },
    {
      title: "a variable that is not declared, in a dimension",
      edits: [['FunctionName: "litally-{function}"', 'FunctionName: "litally-{funktion}"']],
      says: [
        "p.yaml:77:37: alarms.declared[1].ratio.dimensions.FunctionName: {funktion} is not under each; write each: { funktion: [...] } beside it",
      ],
    },
    {
      title: "more datapoints than there are",
      edits: [["datapoints: 2 of 3", "datapoints: 3 of 2"]],
      says: [
        'p.yaml:99:19: alarms.declared[3].datapoints: "3 of 2" asks for more datapoints than there are; write the smaller first',
      ],
    },
    {
      title: "a period that CloudWatch does not have",
      edits: [['      threshold: ">= 1"\n      period: 5m', '      threshold: ">= 1"\n      period: 45s']],
      says: [
        'p.yaml:98:15: alarms.declared[3].period: "45s" is no period of CloudWatch; write 10s, 20s, 30s or whole minutes',
      ],
    },
    {
      title: "datapoints over more than a day",
      edits: [["datapoints: 2 of 3", "datapoints: 2 of 289"]],
      says: [
        "p.yaml:98:15: alarms.declared[3].period: all its datapoints together last longer than 1d, which CloudWatch refuses; write less",
      ],
    },
    {
      title: "a threshold that is a number",
      edits: [['threshold: "> 1"', "threshold: 1"]],
      says: [
        'p.yaml:65:18: alarms.declared[0].threshold: 1 is not a threshold; write an operator and a number in quotes, such as "> 1"',
      ],
    },
    {
      title: "an unknown engine",
      edits: [["engine: atlas", "engine: atls"]],
      says: [
        'p.yaml:86:15: alarms.declared[2].engine: "atls" is not an engine; write cloudwatch or atlas (did you mean "atlas"?)',
      ],
    },
    {
      title: "an alarm that measures two things",
      edits: [
        [
          "      metric: { namespace: AWS/Lambda, metric: Throttles, statistic: Sum }",
          "      metric: { namespace: AWS/Lambda, metric: Throttles, statistic: Sum }\n      expression: { formula: a, metrics: { a: { namespace: A, metric: B, statistic: Sum } } }",
        ],
      ],
      says: [
        "p.yaml:94:7: alarms.declared[3]: this block is not a CloudWatch alarm that measures one thing; write one of ratio, metric and expression",
      ],
    },
    {
      title: "an alarm that measures nothing",
      edits: [["      metric: { namespace: AWS/Lambda, metric: Throttles, statistic: Sum }\n", ""]],
      says: [
        "p.yaml:94:7: alarms.declared[3]: this block is not a CloudWatch alarm that measures one thing; write one of ratio, metric and expression",
      ],
    },
    {
      title: "a formula without metrics",
      edits: [
        [
          "metric: { namespace: AWS/Lambda, metric: Throttles, statistic: Sum }",
          "expression: { formula: a / b, metrics: {} }",
        ],
      ],
      says: ["p.yaml:96:46: alarms.declared[3].expression.metrics: a formula takes 1 to 10 metrics; write those"],
    },
    {
      title: "a statistic that is not known",
      edits: [["statistic: Sum", "statistic: Median"]],
      says: [
        'p.yaml:96:70: alarms.declared[3].metric.statistic: "Median" is not a statistic; write Sum, Average, Minimum, Maximum, SampleCount, IQM or a percentile such as p99',
      ],
    },
    {
      title: "an Atlas alert that nobody hears",
      edits: [["      recipients: [{ type: PAGER_DUTY }, { type: EMAIL, address: ops@litally.example }]\n", ""]],
      says: [
        "p.yaml:85:7: alarms.declared[2].recipients: nobody would hear this alert; write recipients: [{ type: PAGER_DUTY }]",
      ],
    },
    {
      title: "an Atlas alert with an operator that Atlas lacks",
      edits: [['threshold: "> 80"', 'threshold: ">= 80"']],
      says: ['p.yaml:89:18: alarms.declared[2].threshold: Atlas has no ">= 80"; write > or <'],
    },
    {
      title: "an Atlas alert after seconds",
      edits: [["for: 10m", "for: 90s"]],
      says: ['p.yaml:90:12: alarms.declared[2].for: "90s" is no whole number of minutes; write 10m'],
    },
    {
      title: "a recipient of an unknown type",
      edits: [["type: PAGER_DUTY", "type: PAGERDUTY"]],
      says: [
        'p.yaml:91:28: alarms.declared[2].recipients[0].type: "PAGERDUTY" is not a type of recipient; write EMAIL, SMS, SLACK, PAGER_DUTY or another integration of the project (did you mean "PAGER_DUTY"?)',
      ],
    },
    {
      title: "a recipient without its address",
      edits: [["{ type: EMAIL, address: ops@litally.example }", "{ type: EMAIL }"]],
      says: ["p.yaml:91:42: alarms.declared[2].recipients[1].address: is missing: an e-mail address; write name@host"],
    },
    {
      title: "a reference that must stand in quotes",
      edits: [['endpoint: "${ONCALL_PHONE}"', "endpoint: ${ONCALL_PHONE}"]],
      says: ["p.yaml:50:36: inside { } and [ ] this would be YAML; write the reference in quotes"],
    },
    {
      title: "a key that stands twice",
      edits: [["environment: production", "environment: production\nenvironment: staging"]],
      says: ["p.yaml:8:1: the key environment stands twice in this block; remove one"],
    },
    {
      title: "an indentation by tab",
      edits: [["  projectId", "\tprojectId"]],
      says: ["p.yaml:10:1: this is not YAML: Tabs are not allowed as indentation"],
    },
    {
      title: "a second document",
      edits: [["archives:\n", "---\narchives:\n"]],
      says: ["p.yaml:30:1: a second document begins here; keep one document in the file"],
    },
    {
      title: "an alias of nothing",
      edits: [["archive: financial", "archive: *financial"]],
      says: ["p.yaml:27:14: databases[0].archive: nothing above is named &financial; write the value itself"],
    },
    {
      title: "an alarm of no name that a name can have",
      edits: [["name: litally-api-5xx-rate", 'name: ""']],
      says: ['p.yaml:58:13: alarms.declared[0].name: "" is not the name of an alarm; write 1 to 255 plain characters'],
    },
    {
      title: "a problem that hides none of its neighbours",
      edits: [
        ["retain: 30d", "retian: 30d"],
        ["target: litally-drill", "target: litally-core"],
        ["archive: financial", "archive: finacial"],
        ["dueWithin: 5d", "dueWithin: never"],
      ],
      says: [
        'p.yaml:23:29: databases[0].snapshots[0].retian: unknown key; write frequency, retain, atMost or every (did you mean "retain"?)',
        'p.yaml:27:14: databases[0].archive: "finacial" is not under archives; declare it there, or write one that is (did you mean "financial"?)',
        'p.yaml:28:22: databases[0].drill.target: "litally-core" is the cluster of this database itself; write another',
        'p.yaml:41:16: archives[0].dueWithin: "never" is not a duration; write 90s, 10m, 26h, 7d, 4w, 6mo or 5y',
      ],
    },
    {
      title: "a section whose list is misspelt accuses nobody who refers to it",
      edits: [["\narchives:\n", "\narchivs:\n"]],
      says: [
        'p.yaml:30:1: archivs: unknown key; write version, environment, atlas, aws, databases, archives, topics, alarms, heartbeat, waivers or auditLog (did you mean "archives"?)',
      ],
    },
    {
      title: "a section that is no list accuses nobody who refers to it",
      edits: [["\ntopics:\n", "\ntopics: 5\nignored:\n"]],
      says: [
        "p.yaml:43:9: topics: 5 is not a list; write one item a line, each after a dash",
        "p.yaml:44:1: ignored: unknown key; write version, environment, atlas, aws, databases, archives, topics, alarms, heartbeat, waivers or auditLog",
      ],
    },
    {
      title: "a misspelt block is not also called absent",
      edits: [["continuousBackup:", "continousBackup:"]],
      says: [
        'p.yaml:21:5: databases[0].continousBackup: unknown key; write name, cluster, protected, objectives, continuousBackup, snapshots, referenceTime, grace, copies, archive, drill, invariants or encryption (did you mean "continuousBackup"?)',
      ],
    },
    {
      title: "a misspelt engine, and nothing that follows from it",
      edits: [["engine: atlas", "engin: atlas"]],
      says: [
        'p.yaml:86:7: alarms.declared[2].engin: unknown key; write engine, name, each, severity, threshold, ratio, metric, expression, period, datapoints, missingData, lowSamples, description or notify (did you mean "engine"?)',
      ],
    },
    {
      title: "an unset variable",
      edits: [["${ATLAS_PROJECT_ID}", "${NO_SUCH_VARIABLE}"]],
      says: [
        "p.yaml:10:14: atlas.projectId: needs the environment variable NO_SUCH_VARIABLE, which is not set; set it: export NO_SUCH_VARIABLE=...",
      ],
    },
    {
      title: "an unset variable accuses nobody who refers to it",
      edits: [["  - name: financial", "  - name: ${NO_SUCH_VARIABLE}"]],
      says: [
        "p.yaml:31:11: archives[0].name: needs the environment variable NO_SUCH_VARIABLE, which is not set; set it: export NO_SUCH_VARIABLE=...",
      ],
    },
    {
      title: "a reference to no variable",
      edits: [["${ATLAS_PROJECT_ID}", "${ATLAS-PROJECT}"]],
      says: [
        'p.yaml:10:14: atlas.projectId: "${ATLAS-PROJECT}" names no variable; write ${NAME}, or $${ for the two characters',
      ],
    },
  ];
}
