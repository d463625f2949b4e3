/** stdout as a way for bytes, where they are what was asked for. */
export interface Output {
  /**
   * From now on stdout carries these bytes and nothing else: the result goes to stderr. OpsError `usage` where stdout is a
   * terminal. What is returned resolves once the bytes may be used for something else.
   */
  forBytes(): (bytes: Uint8Array) => Promise<void>;
}
