/** How long a watch asks until it sees for the first time what it is to watch. */
import { MINUTE_MS, SECOND_MS } from "../core/duration.ts";

/** Whoever comes to watch is not turned away by a passing failure, nor kept for days where nothing ever answers. */
export const FIRST_LOOK_LIMITS = { firstMs: 5 * SECOND_MS, longestMs: MINUTE_MS, limitMs: 10 * MINUTE_MS };
