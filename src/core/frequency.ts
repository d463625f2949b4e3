/** How often a scheduled snapshot is taken, in the words of the policy and of Atlas alike; from frequent to rare. */
export const FREQUENCIES = ["hourly", "daily", "weekly", "monthly", "yearly"] as const;
export type Frequency = (typeof FREQUENCIES)[number];
