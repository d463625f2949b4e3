/** A thread that computes SHA-256 over chunks of shared memory, order by order. Bundled as a file of its own. */
import { createHash, type Hash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import type { HashOrder } from "./hashing.ts";

const memory = new Uint8Array(workerData);
const hashes = new Map<number, Hash>();

parentPort?.on("message", (order: HashOrder) => parentPort?.postMessage(carryOut(order)));

function carryOut(order: HashOrder): string | null {
  switch (order.kind) {
    case "update": {
      const bytes = memory.subarray(order.start, order.start + order.length);
      for (const id of order.ids) hashOf(id).update(bytes);
      return null;
    }
    case "fork":
      hashes.set(order.as, hashOf(order.id).copy());
      return null;
    case "digest": {
      const digest = hashOf(order.id).digest("hex");
      hashes.delete(order.id);
      return digest;
    }
  }
}

function hashOf(id: number): Hash {
  const hash = hashes.get(id) ?? createHash("sha256");
  hashes.set(id, hash);
  return hash;
}
