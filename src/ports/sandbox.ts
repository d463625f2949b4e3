/** The embedded world, as the `sandbox` commands use it. */
export interface SandboxControl {
  worlds(): readonly SandboxWorld[];
  /** Variables that point any shell at a sandbox served at `url`. */
  variables(url: string): Readonly<Record<string, string>>;
  /** Serves a world made for the policy in force, on loopback, until `close`; OpsError `usage` for an unknown world or fault. */
  serve(options: SandboxOptions): Promise<ServedSandbox>;
}

interface SandboxWorld {
  readonly name: string;
  readonly summary: string;
  /** The command that must give the verdict, by the check. */
  readonly command: string;
  readonly verdict: string;
  readonly check: string | null;
}

export interface SandboxOptions {
  readonly world: string;
  readonly port: number;
  readonly stateFile?: string;
  readonly faults: readonly string[];
}

export interface ServedSandbox {
  readonly url: string;
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}
