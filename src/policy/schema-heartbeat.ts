import * as z from "zod/mini";
import { block, choice, duration, field, line, nonEmptyList, text } from "./scalars.ts";
import { SEVERITIES } from "./schema-alarms.ts";

/** The heartbeat section: which commands run regularly, and who outside is told that they did. */

const url = () => line("a url", "$" + "{HEARTBEAT_URL}");

const schedule = block({
  command: field(
    "The command that runs regularly, by its name.",
    text(
      /^[a-z][a-z-]*(?: [a-z][a-z-]*){0,2}$/,
      "the name of a command; write it without its flags, such as backup verify",
    ),
  ),
  every: field("How often it runs.", duration()),
  grace: field("How much later than that it may succeed before somebody is told.", duration()),
  workflow: field(
    "The file of the GitHub workflow that runs it, by its name under .github/workflows.",
    z.exactOptional(text(/^[\w.-]{1,100}\.ya?ml$/, "the file of a workflow; write its name, such as nightly.yml")),
  ),
  url: field(
    "The url of its own dead man's switch, from the environment. When absent, the common one.",
    z.exactOptional(url()),
  ),
});

export const heartbeat = block({
  severity: field(
    "How severe the alarms are that tell of a run that was missed, or failed.",
    z.prefault(choice("a severity", SEVERITIES), "critical"),
  ),
  cloudwatch: field(
    "Whether CloudWatch is told, as metrics in the namespace LiTallyOps. When absent: yes where aws is declared.",
    z.exactOptional(z.boolean({ error: "a yes or no; write true or false" })),
  ),
  url: field(
    "The url of a dead man's switch in the manner of healthchecks.io, from the environment. The command as one word is put after it: <url>/backup-verify.",
    z.exactOptional(url()),
  ),
  repository: field(
    "The GitHub repository whose workflows run the schedules. When absent, the one that a workflow runs in.",
    z.exactOptional(text(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, "a repository; write owner/name")),
  ),
  schedules: field("The commands that run regularly, each with its rhythm.", nonEmptyList(schedule, "schedule")),
});
