/** The few files we touch. Paths are as the user gave them. */
export interface Files {
  /** Writes a new file with its folders; OpsError `usage` when there is one already: nothing is ever overwritten. */
  create(path: string, text: string): Promise<void>;
}
