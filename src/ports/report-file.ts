/** A file that a report of this run is written into, found to be writable before the run began. */
export interface ReportFile {
  /** Where it is in truth, whatever links lead to its folder. */
  readonly at: string;
  /** The whole text or nothing: whoever reads the file sees an earlier report or this one. OpsError where it cannot be. */
  write(text: string): Promise<void>;
}
