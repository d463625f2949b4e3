/** The few files we touch. Paths are as the user gave them. */
export interface Files {
  /** Writes a new file with its folders; OpsError `usage` when there is one already: nothing is ever overwritten. */
  create(path: string, text: string): Promise<void>;
  /** Whether anything is there under that name; OpsError `config` where that cannot be seen. */
  exists(path: string): Promise<boolean>;
  /** A regular file of at most `maxBytes`; OpsError `config` when there is none that can be read whole. */
  read(path: string, maxBytes: number): Promise<string>;
  /** Names of what stands in a folder; empty where there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Bytes of a file; null where there is none. */
  size(path: string): Promise<number | null>;
  /** Bytes that can still be written into a folder, be it there already or not. */
  room(folder: string): Promise<number>;
  /** SHA-256 of a text in UTF-8, as 64 hexadecimal digits. */
  digest(text: string): Promise<string>;
}
