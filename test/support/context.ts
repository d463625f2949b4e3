/** A command's context for tests: what a test does not give is not to be used by what it tests. */
import { createHash } from "node:crypto";
import type { Audit, Context } from "../../src/commands/context.ts";
import { memoryShelf } from "../../src/commands/memory-shelf.ts";

/** Writes nothing down. */
export const UNRECORDED: Audit = {
  acts: { begin: async () => ({ end: async () => {} }), refuse: async () => {} },
  local: memoryShelf(),
  isWorldOfRun: true,
};

const notUsed = () => Promise.reject(new Error("not used"));

export function aContext(
  atlasUrl: string,
  given: Pick<Context, "clock" | "signal" | "progress" | "policy" | "atlas"> & Partial<Context>,
): Context {
  return {
    operator: { ask: async () => null },
    output: { forBytes: () => notUsed },
    uniqueWord: () => "word",
    closing: () => ({ atlas: notUsed, cloudwatch: notUsed, signal: given.signal }),
    beats: () => ({ aws: notUsed, metrics: notUsed, pings: notUsed }),
    world: async () => null,
    aws: notUsed,
    transfer: notUsed,
    sha256: async () => (bytes) => createHash("sha256").update(bytes).digest(),
    s3: notUsed,
    keys: notUsed,
    cloudwatch: notUsed,
    sns: notUsed,
    mongo: notUsed,
    github: notUsed,
    sandbox: notUsed,
    audit: async () => UNRECORDED,
    files: {
      create: notUsed,
      exists: notUsed,
      read: notUsed,
      digest: notUsed,
      list: notUsed,
      size: notUsed,
      room: notUsed,
    },
    machine: {
      whoami: "anna@build-7",
      nodeVersion: "v24.0.0",
      minimumNodeMajor: 24,
      toolVersion: "0.0.0",
      policyFile: "policy.yaml",
      atlasCredentials: () => "",
      atlasBaseUrl: () => atlasUrl,
    },
    ...given,
  };
}
