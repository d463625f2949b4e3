/** The commands of alarms and of the topics that carry them. */
import { type CommandSpec, EXITS_OF_CHANGE, EXITS_OF_LIST, EXITS_OF_TEXT } from "./command-spec.ts";
import { DRY_RUN, ONLY } from "./grammar-common.ts";

const PLANNED = [0, 2, 3, 5, 64, 130] as const;

export const ALARM_COMMANDS: readonly CommandSpec[] = [
  {
    name: "alarms audit",
    gives: "report",
    summary: "do the alarms say what the policy says, and does anyone hear them?",
    details:
      "Compares every declared alarm with the live one, and follows its way to a person: action, topic, topic policy, key, subscription, filter, endpoint. Reads only. See docs/alarms.md.",
    options: [ONLY],
    examples: [
      "litally-ops alarms audit",
      "litally-ops alarms audit --only drift,heard",
      "litally-ops alarms audit --sandbox",
    ],
    load: () => import("../commands/alarms-audit.ts"),
  },
  {
    name: "alarms list",
    gives: "list",
    exits: EXITS_OF_LIST,
    summary: "show alarms: state, threshold in words, last change, who hears them",
    details: "The declared ones, and every live one with the owned prefix. Reads only.",
    options: [],
    examples: ["litally-ops alarms list", "litally-ops alarms list --json"],
    load: () => import("../commands/alarms-list.ts"),
  },
  {
    name: "alarms show",
    gives: "artifact",
    exits: EXITS_OF_TEXT,
    summary: "show declared alarms in words, or as they are sent with --compiled",
    details: "Asks nobody: it shows what the policy comes to.",
    arguments: [{ name: "alarms", syntax: "[alarms...]", description: "names of declared alarms (default: all)" }],
    options: [
      { flags: "--compiled", description: "the requests themselves: PutMetricAlarm, and bodies of Atlas alerts" },
    ],
    examples: ["litally-ops alarms show", "litally-ops alarms show litally-api-5xx-rate --compiled"],
    load: () => import("../commands/alarms-show.ts"),
  },
  {
    name: "alarms plan",
    gives: "report",
    exits: PLANNED,
    summary: "show what must change so that alarms are as the policy says",
    details: "Exit 5 where there is something to change. Reads only.",
    options: [{ flags: "--prune", description: "also delete live alarms with the owned prefix that nobody declared" }],
    examples: ["litally-ops alarms plan", "litally-ops alarms plan --prune"],
    load: () => import("../commands/alarms-plan.ts"),
  },
  {
    name: "alarms apply",
    gives: "report",
    exits: EXITS_OF_CHANGE,
    summary: "create and change alarms as the policy says, then look again",
    details:
      "What it creates needs no consent; what it changes asks for the name of the environment, what it deletes for each alarm's own. Topics are the business of notify apply.",
    options: [
      { flags: "--prune", description: "also delete live alarms with the owned prefix that nobody declared" },
      { flags: "--confirm <name>", description: "the environment, or an alarm to delete (repeatable)", list: true },
      DRY_RUN,
    ],
    examples: ["litally-ops alarms apply", "litally-ops alarms apply --confirm production"],
    load: () => import("../commands/alarms-apply.ts"),
  },
  {
    name: "alarms adopt",
    gives: "artifact",
    exits: [0, 2, 64, 130],
    summary: "write the policy fragment for live alarms, to start from",
    details:
      "Those with the owned prefix, or the ones named. What a policy cannot say is listed under exceptions, with the reason. Reads only.",
    arguments: [
      { name: "alarms", syntax: "[alarms...]", description: "names of live alarms (default: all of the prefix)" },
    ],
    options: [{ flags: "--atlas", description: "also the alert configurations of the Atlas project" }],
    examples: ["litally-ops alarms adopt", "litally-ops alarms adopt litally-old-cpu > fragment.yaml"],
    load: () => import("../commands/alarms-adopt.ts"),
  },
  {
    name: "alarms test",
    gives: "report",
    exits: [0, 1, ...PLANNED.slice(1), 4],
    summary: "set an alarm off for a moment, see what became of each action, put it back",
    details:
      "It pages whoever hears the alarm. Refused while the alarm fires. It proves the way up to SNS, and says what it does not prove.",
    arguments: [{ name: "alarm", syntax: "<alarm>", description: "the name of a CloudWatch alarm" }],
    options: [DRY_RUN],
    examples: ["litally-ops alarms test litally-api-5xx-rate"],
    load: () => import("../commands/alarms-test.ts"),
  },
  {
    name: "notify audit",
    gives: "report",
    summary: "would the topics of the policy carry an alarm to everyone they name?",
    details: "Topics, their policies, keys and subscriptions, without the alarms themselves. Reads only.",
    options: [ONLY],
    examples: ["litally-ops notify audit"],
    load: () => import("../commands/notify-audit.ts"),
  },
  {
    name: "notify plan",
    gives: "report",
    exits: PLANNED,
    summary: "show what must change so that topics are as the policy says",
    details: "Exit 5 where there is something to change. Reads only.",
    options: [{ flags: "--prune", description: "also end confirmed subscriptions that nobody declared" }],
    examples: ["litally-ops notify plan"],
    load: () => import("../commands/notify-plan.ts"),
  },
  {
    name: "notify apply",
    gives: "report",
    exits: EXITS_OF_CHANGE,
    summary: "create topics, let CloudWatch publish to them, subscribe who must hear",
    details:
      "A subscription that a person must confirm is reported as waiting for them, not as done. Changes of a topic that exists ask for its name.",
    options: [
      { flags: "--prune", description: "also end confirmed subscriptions that nobody declared" },
      { flags: "--confirm <name>", description: "the name of a topic that is changed (repeatable)", list: true },
      DRY_RUN,
    ],
    examples: ["litally-ops notify apply", "litally-ops notify apply --confirm litally-critical"],
    load: () => import("../commands/notify-apply.ts"),
  },
  {
    name: "notify test",
    gives: "report",
    exits: [0, 1, ...PLANNED.slice(1), 4],
    summary: "publish a marked message to a topic, and say what SNS accepted",
    details: "Everyone subscribed gets it. It does not take the way of an alarm: alarms test does.",
    arguments: [{ name: "topic", syntax: "<topic>", description: "the name of a topic of the policy" }],
    options: [DRY_RUN],
    examples: ["litally-ops notify test litally-critical"],
    load: () => import("../commands/notify-test.ts"),
  },
];
