/** Whoever reads CloudTrail, or Atlas's log of calls, sees which command made each of them, and by which version. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../cli/host.ts";

interface Call {
  readonly userAgent: string;
  readonly service: string;
}

function listening(): readonly Call[] {
  const calls: Call[] = [];
  const hear = (call: unknown) => void calls.push(call as Call); // as the sandbox tells it
  subscribe("litally-ops:sandbox-call", hear);
  onTestFinished(() => void unsubscribe("litally-ops:sandbox-call", hear));
  return calls;
}

test("each request to Atlas and to AWS names its command", async () => {
  const calls = listening();
  await run(["archive", "push", "core", "--dry-run", "--sandbox"]);
  await run(["doctor", "--sandbox"]);
  const agentsOf = (service: string) => new Set(calls.filter((call) => call.service === service).map(shortOf));
  const shortOf = ({ userAgent }: Call) => userAgent.replace(/^aws-sdk-js\/.* (?=litally-ops)/, "… ");
  expect(agentsOf("atlas")).toEqual(new Set(["litally-ops/1.2.3 (archive push)", "litally-ops/1.2.3 (doctor)"]));
  for (const service of ["s3", "sts"])
    expect(agentsOf(service), service).toEqual(
      new Set(["… litally-ops/1.2.3 command/archive-push", "… litally-ops/1.2.3 command/doctor"]),
    );
  for (const service of ["cloudwatch", "sns"])
    expect(agentsOf(service), service).toEqual(new Set(["… litally-ops/1.2.3 command/doctor"]));
});
