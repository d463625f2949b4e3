/** What `backup plan` and `backup apply` look at: the live settings of each database, and the project's compliance policy. */
import { mapBounded } from "../core/bounded.ts";
import { OpsError } from "../core/error.ts";
import { notKnown, observe } from "../core/observed.ts";
import { once } from "../core/once.ts";
import type { LoadedPolicy } from "../policy/load.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import type { Atlas } from "../ports/atlas.ts";
import type { ScheduleFacts } from "../rules/schedule/plan.ts";
import type { Context } from "./context.ts";
import { backupGatherer, MAX_GATHERS } from "./gather-backups.ts";

export interface ScheduleLook {
  readonly projectId: string;
  /** The first look: what databases share is read once. */
  lookAtAll(): Promise<readonly ScheduleFacts[]>;
  /** Another look at one of them; the compliance policy is not read again. */
  lookAt(database: DatabasePolicy): Promise<ScheduleFacts>;
}

export interface Looking {
  readonly atlas: Atlas;
  readonly context: Pick<Context, "clock">;
  readonly loaded: LoadedPolicy<"atlas" | "databases">;
  readonly selected: readonly DatabasePolicy[];
  readonly loosen: boolean;
}

export function scheduleLook({ atlas, context, loaded, selected, loosen }: Looking): ScheduleLook {
  const { policy } = loaded;
  const { projectId } = policy.atlas;
  const compliance = once(() => observe(() => atlas.getCompliancePolicy(projectId)));
  const look = async (
    database: DatabasePolicy,
    gatherer: ReturnType<typeof backupGatherer>,
  ): Promise<ScheduleFacts> => {
    const [settings, rules] = await Promise.all([gatherer.gatherSettings(database), compliance()]);
    const path = `databases[${policy.databases.indexOf(database)}]`;
    return {
      backup: {
        ...settings,
        observedAt: context.clock.now(),
        since: null,
        snapshots: NOT_ASKED,
        memberSnapshots: null,
      },
      compliance: rules,
      options: { loosen },
      sourceOf: (place) => loaded.lineOf(`${path}.${place}`),
    };
  };
  return {
    projectId,
    lookAtAll: () => {
      const gatherer = backupGatherer(atlas, projectId);
      return mapBounded(selected, MAX_GATHERS, (database) => look(database, gatherer));
    },
    lookAt: (database) => look(database, backupGatherer(atlas, projectId)),
  };
}

const NOT_ASKED = notKnown(new OpsError("bug", "snapshots are not looked at here"));
