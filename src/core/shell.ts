/** Words of a command line that a person may paste. */

/** For a shell, quoted where it is not plain. */
export function quoted(word: string): string {
  return /^[\w.-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
