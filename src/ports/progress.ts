/** The conversation on stderr while a command works. Lines are facts; nothing a program would read. */
export interface Progress {
  /** What is being done now: a spinner's text on a terminal, a plain line elsewhere. */
  phase(text: string): void;
  /** Where a wait stands: a spinner's text on a terminal, elsewhere a line at most once a minute of `elapsedMs`. */
  waiting(text: string, elapsedMs: number): void;
  /** A line that stays. */
  note(text: string): void;
}
