import type { Path, Problem } from "./problem.ts";
import type { Judged } from "./rules.ts";
import { namesOf, notDeclared, usedTwice } from "./rules-names.ts";
import type { Draft, TopicPolicy } from "./schema.ts";
import { SEVERITIES } from "./schema-alarms.ts";

/** Topics that cannot be what they are declared to be, and alarms that would not be heard through them. */
export function notifyProblems(judged: Judged): readonly Problem[] {
  const { topics } = judged.policy;
  return [
    ...usedTwice(judged, namesOf(topics, ["topics"], "name")),
    ...(topics ?? []).flatMap((topic, index) =>
      topic === undefined
        ? []
        : [
            ...endpointProblems(judged, topic, ["topics", index]),
            ...encryptionProblems(judged, topic, ["topics", index, "encryption"]),
          ],
    ),
    ...SEVERITIES.flatMap((severity) => severityProblems(judged, severity)),
    ...actionLists(judged).flatMap(({ names, path }) => actionProblems(judged, names, path)),
  ];
}

type Topic = Draft<TopicPolicy>;
type Names = readonly (string | undefined)[];

/** An endpoint must have the form of its protocol: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
const ENDPOINTS = {
  email: { pattern: /^[^\s@]+@[^\s@]+$/, example: "name@host" },
  sms: { pattern: /^\+[1-9]\d{6,14}$/, example: "+15551234567" },
  https: { pattern: /^https:\/\/[^\s/]+/, example: "https://host/path" },
  sqs: { pattern: /^arn:aws[\w-]*:sqs:/, example: "the ARN of the queue" },
  lambda: { pattern: /^arn:aws[\w-]*:lambda:/, example: "the ARN of the function" },
} as const;

function endpointProblems(judged: Judged, topic: Topic, path: Path): readonly Problem[] {
  return (topic.subscriptions ?? []).flatMap((subscription, index) => {
    if (subscription?.protocol === undefined || subscription.endpoint === undefined) return [];
    const { pattern, example } = ENDPOINTS[subscription.protocol];
    if (pattern.test(subscription.endpoint)) return [];
    const where = [...path, "subscriptions", index, "endpoint"];
    const text = `${judged.quote(where)} is no endpoint of protocol ${subscription.protocol}; write ${example}`;
    return [{ path: where, text }];
  });
}

/**
 * CloudWatch cannot publish to a topic whose key AWS manages, for nobody can change who may use that key:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
function encryptionProblems(judged: Judged, topic: Topic, path: Path): readonly Problem[] {
  const isManagedByAws = /^(?:alias|arn:.*:alias)\/aws\//.test(topic.encryption ?? "");
  const hearsAlarms = [...severityLists(judged), ...actionLists(judged)].some(({ names }) =>
    names.includes(topic.name),
  );
  if (!isManagedByAws || !hearsAlarms) return [];
  const text = `${judged.quote(path)} is AWS's own key, with which no alarm is heard; write a key of this account`;
  return [{ path, text }];
}

/** Every severity in use must reach a topic, and that topic somebody. */
function severityProblems(judged: Judged, severity: (typeof SEVERITIES)[number]): readonly Problem[] {
  const { alarms } = judged.policy;
  const path = ["alarms", "notify", severity];
  const names = alarms?.notify?.[severity];
  const inUse = (alarms?.declared ?? []).some(
    (alarm, index) =>
      alarm?.severity === severity &&
      alarm.engine === "cloudwatch" &&
      alarm.notify?.alarm === undefined &&
      !judged.unclear(["alarms", "declared", index, "notify", "alarm"]),
  );
  if (names?.length === 0 && inUse) {
    return [{ path, text: `no topic hears the ${severity} alarms declared below; write the name of one` }];
  }
  return names === undefined ? [] : actionProblems(judged, names, path);
}

interface ActionList {
  readonly names: Names;
  readonly path: Path;
}

function severityLists({ policy }: Judged): readonly ActionList[] {
  return SEVERITIES.flatMap((severity) => {
    const names = policy.alarms?.notify?.[severity];
    return names === undefined ? [] : [{ names, path: ["alarms", "notify", severity] }];
  });
}

/** What alarms say of themselves. */
function actionLists({ policy }: Judged): readonly ActionList[] {
  return (policy.alarms?.declared ?? []).flatMap((alarm, index) => {
    if (alarm?.engine !== "cloudwatch") return [];
    return Object.entries(alarm.notify ?? {}).flatMap(([state, names]) =>
      names === undefined ? [] : [{ names, path: ["alarms", "declared", index, "notify", state] }],
    );
  });
}

/** Of one state of one alarm: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
const MAX_ACTIONS = 5;

function actionProblems(judged: Judged, names: Names, path: Path): readonly Problem[] {
  const { topics } = judged.policy;
  const declared = namesOf(topics, ["topics"], "name");
  const many = new Set(names).size > MAX_ACTIONS;
  return [
    ...(many ? [{ path, text: `CloudWatch tells at most ${MAX_ACTIONS} of one change; write those` }] : []),
    ...names.flatMap((name, index) => {
      if (name === undefined || name.startsWith("arn:")) return [];
      const used = { name, path: [...path, index] };
      const silent = (topics ?? []).some((topic) => topic?.name === name && topic.subscriptions?.length === 0);
      const text = `${judged.quote(used.path)} is a topic without subscriptions, nobody would hear it; write one`;
      return [...notDeclared(judged, used, declared, "topics"), ...(silent ? [{ path: used.path, text }] : [])];
    }),
  ];
}
