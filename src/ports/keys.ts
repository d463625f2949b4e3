/** What is asked of AWS's key service: whether what a key encrypts can still be read. Failures are OpsError. */
export interface Keys {
  /** By id, ARN or alias, as a bucket names it. */
  getKey(keyId: string): Promise<KeyState>;
  /** Its key policy, a JSON text as it came; the key by id or ARN. */
  getKeyPolicy(keyId: string): Promise<string>;
  /** Ends open connections. */
  close(): void;
}

export const KEY_STATES = [
  "Enabled",
  "Disabled",
  "PendingDeletion",
  "PendingImport",
  "PendingReplicaDeletion",
  "Creating",
  "Unavailable",
  "Updating",
] as const;

export interface KeyState {
  readonly arn: string;
  readonly state: (typeof KEY_STATES)[number];
  /** AWS's own for a service, `alias/aws/sns`: nobody can change who may use it. */
  readonly isManagedByAws: boolean;
  /** Encrypts and decrypts with one secret, as keys of services must; others sign, or have two halves. */
  readonly isSymmetric: boolean;
  /** When it goes for good; null where nobody asked for that. */
  readonly deletionAt: Date | null;
}
