/** The last gate before any output: known secrets never pass, whoever put them into a text. */

export interface Redactor {
  /** Values that must not be seen from now on. */
  add(secrets: readonly (string | undefined)[]): void;
  apply(text: string): string;
}

/** Shorter values would blank out ordinary words; nothing that short protects anything. */
const MIN_SECRET_LENGTH = 5;

export function createRedactor(): Redactor {
  const known = new Set<string>();
  return {
    add(secrets) {
      for (const secret of secrets) {
        if (secret === undefined || secret.length < MIN_SECRET_LENGTH) continue;
        for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) known.add(form);
      }
    },
    apply(text) {
      let result = text;
      for (const secret of [...known].sort((a, b) => b.length - a.length))
        result = result.replaceAll(secret, "[redacted]");
      return result;
    },
  };
}

/** Variables whose values are secret wherever they come from. */
export const SECRET_VARIABLES = [
  "MONGODB_ATLAS_PRIVATE_API_KEY",
  "MONGODB_ATLAS_CLIENT_SECRET",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
] as const;
