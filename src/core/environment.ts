/** Environment variables, handed in as a value. */
export type Environment = Readonly<Record<string, string | undefined>>;
