/** Are the snapshots encrypted with the customer's keys, and with none that nobody explained. */
import type { Check } from "../../core/check.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import { completedPoints, whetherCompleted } from "./completed.ts";
import { type BackupFacts, ofCluster } from "./facts.ts";
import { nothingAtAll } from "./owed.ts";
import { atlasApi } from "./remedies.ts";

export const encryptionKey: Check<BackupFacts> = {
  id: "backup/encryption-key",
  title: "the encryption key is unchanged, or the policy explains it",
  remedy: ({ database }) =>
    `make sure that no key named here is disabled or scheduled for deletion: without it its snapshots are lost; then name the keys in databases[name=${database.name}].encryption.masterKeys`,
  judge: (facts) => {
    const provider = ofCluster(facts, (cluster) => cluster.encryptionAtRestProvider);
    const wanted = facts.database.encryption !== undefined;
    if (wanted && provider.known && provider.value === "NONE") return encryptionOff(facts);
    if (!facts.snapshots.known) return unknown(facts.snapshots.reason);
    const { points, unclear } = completedPoints(facts, facts.snapshots.value);
    const keys = points.flatMap(({ snapshot }) => (snapshot.masterKeyId.known ? [snapshot.masterKeyId.value] : []));
    const verdict = judgeKeys(facts, keys, provider.known && provider.value !== null && provider.value !== "NONE");
    if (verdict.status === "fail") return verdict;
    const unreadable = points.find(({ snapshot }) => !snapshot.masterKeyId.known);
    if (unreadable !== undefined) return unknown(`the encryption key of snapshot ${unreadable.name} cannot be read`);
    if (unclear !== undefined) return whetherCompleted(unclear);
    if (!provider.known) return unknown(provider.reason, verdict.evidence);
    if (wanted && provider.value === null)
      return unknown("Atlas does not say whether the cluster is encrypted with a customer key", verdict.evidence);
    return points.length === 0 ? nothingAtAll(facts, "completed snapshot") : verdict;
  },
};

function encryptionOff(facts: BackupFacts): Verdict {
  return {
    ...fail("the policy names customer keys, and the cluster is encrypted with none: its next snapshots will be bare", {
      expected: "a provider of keys",
      actual: "NONE",
    }),
    remedy: `turn it on again: ${atlasApi(facts, "clusters updateCluster", { encryptionAtRestProvider: "AWS" })}`,
  };
}

/** `keys`: the key of each completed snapshot, oldest first; null: none of the customer's. */
function judgeKeys(facts: BackupFacts, keys: readonly (string | null)[], encrypted: boolean): Verdict {
  const explained = facts.database.encryption?.masterKeys.map((key) => key.toLowerCase());
  const distinct = [...new Set(keys.map((key) => key?.toLowerCase() ?? null))];
  const evidence = {
    actual: distinct.map((key) => key ?? "none"),
    ...(explained === undefined ? {} : { expected: explained }),
  };
  const bare = keys.filter((key) => key === null).length;
  if ((encrypted || explained !== undefined) && bare > 0) {
    return {
      ...fail(
        `${bare} of ${keys.length} snapshots are not encrypted with a customer key, though they should be`,
        evidence,
      ),
      remedy:
        "make sure that the cluster is encrypted with a customer key now; a bare snapshot stays bare: this check passes again when the last has expired or been deleted",
    };
  }
  const strange = distinct.filter((key) => key !== null && explained !== undefined && !explained.includes(key));
  if (strange.length > 0)
    return fail(`snapshots are encrypted with a key that the policy does not name: ${strange.join(", ")}`, evidence);
  const [only = null, ...others] = distinct;
  if (others.length === 0) return pass(only === null ? "no customer key in use" : `one key, ${only}`, evidence);
  if (explained !== undefined) return pass(`${distinct.length} keys, all named in the policy`, evidence);
  if (keys.at(-1) === null)
    return fail("the newest snapshots are not encrypted with a customer key any more, older ones are", evidence);
  return fail(
    `the encryption key changed among the snapshots (${distinct.length} keys) and the policy does not explain it`,
    evidence,
  );
}
