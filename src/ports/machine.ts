/** What we may know of the machine and its settings. Secret values stay out of it. */
export interface Machine {
  readonly nodeVersion: string;
  readonly minimumNodeMajor: number;
  readonly toolVersion: string;
  /** Who this run is of, for others to find: the address of a run, or user and machine. */
  readonly whoami: string;
  /** Path of the policy file in force. */
  readonly policyFile: string;
  /** Which credentials for Atlas are in force, in words; OpsError `auth` when there are none. */
  atlasCredentials(): string;
  /** The Atlas that is asked; OpsError `config` when the setting is wrong. */
  atlasBaseUrl(): string;
}
