/** Keeps an access token between runs, readable by its owner alone. A cache that cannot be trusted is no cache. */
import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";

export interface StoredToken {
  readonly token: string;
  /** Not to be used from then on. */
  readonly freshUntil: Date;
}

/** Neither method throws: without a cache the next run asks for a token of its own. */
export interface TokenCache {
  load(): Promise<StoredToken | undefined>;
  save(token: StoredToken): Promise<void>;
}

const CACHE_BYTES_MAX = 16 * 1024;

const Stored = z.object({
  token: z.string().check(z.regex(/^[\x21-\x7e]{1,8192}$/)),
  freshUntil: z.iso.datetime(),
});

/** `owner` is all that the token depends on; the file's name is its hash. */
export function tokenCache(directory: string, owner: readonly string[], log: (line: string) => void): TokenCache {
  const key = createHash("sha256").update(JSON.stringify(owner)).digest("hex").slice(0, 32);
  const path = join(directory, `atlas-token-${key}.json`);
  return {
    load: async () => {
      try {
        const stored = z.safeParse(Stored, JSON.parse(await readPrivate(path)));
        if (stored.success) return { token: stored.data.token, freshUntil: new Date(stored.data.freshUntil) };
        log("token cache: ignored, its content is not ours");
      } catch (error) {
        if (codeOf(error) !== "ENOENT") log(`token cache: ignored (${codeOf(error)})`);
      }
      return undefined;
    },
    save: async (token) => {
      const draft = `${path}.${randomBytes(8).toString("hex")}`;
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await writeFile(draft, JSON.stringify(token), { flag: "wx", mode: 0o600 });
        await rename(draft, path);
      } catch (error) {
        log(`token cache: not saved (${codeOf(error)})`);
        await rm(draft, { force: true }).catch(() => undefined); // nothing more can be done about it
      }
    },
  };
}

/** The content of a regular file that belongs to this user and is open to nobody else; throws otherwise. */
async function readPrivate(path: string): Promise<string> {
  // nobody may keep us waiting: the other end of a pipe could
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { mode, uid } = await file.stat();
    const mine = uid === userInfo().uid || userInfo().uid === -1; // -1: Windows has no such ids
    const regular = (mode & constants.S_IFMT) === constants.S_IFREG;
    if (!mine || !regular || (mode & 0o077) !== 0) throw new Untrusted();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CACHE_BYTES_MAX + 1), { position: 0 });
    if (bytesRead > CACHE_BYTES_MAX) throw new Untrusted();
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

class Untrusted extends Error {
  readonly code = "open to others, not ours, or no small file";
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unreadable";
}
