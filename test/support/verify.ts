/** Runs `backup verify` in this process, with the real adapter over real HTTP, against any server. */
import { connectAtlas } from "../../src/adapters/atlas/atlas.ts";
import { createRedactor } from "../../src/cli/redact.ts";
import { input, run } from "../../src/commands/backup-verify.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { Report } from "../../src/core/report.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import { aContext } from "./context.ts";

type LoadedPolicy = ReturnType<typeof parsePolicy>;

export interface VerifyOptions {
  readonly url: string;
  readonly now: Date;
  /** As text, or read already: who runs many times need not read it as often. */
  readonly policy: string | LoadedPolicy;
  readonly credentials?: { readonly publicKey: string; readonly privateKey: string };
  readonly input?: Record<string, unknown>;
}

export async function verify(options: VerifyOptions): Promise<Report> {
  const clock = fixedClock(options.now);
  const signal = new AbortController().signal;
  const atlas = connectAtlas({
    baseUrl: new URL(options.url),
    credentials: { kind: "api-key", ...(options.credentials ?? { publicKey: "key", privateKey: "private" }) },
    env: {},
    clock,
    signal,
    budgetMs: 50,
    log: () => {},
    tokenCacheDir: "/nonexistent",
    userAgent: "test",
    secrets: createRedactor(),
  });
  const policy = typeof options.policy === "string" ? parsePolicy(options.policy, "policy.yaml", {}) : options.policy;
  const context = aContext(options.url, {
    clock,
    signal,
    progress: { phase: () => {}, waiting: () => {}, note: () => {} },
    policy: async () => policy,
    atlas: async () => atlas,
  });
  try {
    return await run(input.parse({ databases: [], ...options.input }), context);
  } finally {
    await atlas.close();
  }
}

/** Stands still; sleeping takes no time. */
function fixedClock(now: Date): Clock {
  return { now: () => now, sleep: () => Promise.resolve() };
}

export function policyText(database: string): string {
  return `version: 1
environment: test
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
databases:
  - name: core
    cluster: litally-core
${database.replaceAll(/^/gm, "    ")}
`;
}
