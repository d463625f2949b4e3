/**
 * Second step: installs the packed command line outside of the workspace. Either a package that the job brought, once its
 * bytes are those that were pinned; or the action's own sources, at the commit by which the action was named, with what
 * package-lock.json pins. No script of a dependency runs, and nothing here sees a secret of the job.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { InputError, readInputs } from "./inputs.mts";
import { asStep, required } from "./tell.mts";

function install(): void {
  const { packed } = readInputs(process.env);
  const folder = required("FOLDER");
  const work = `${folder}-work`;
  mkdirSync(work, { recursive: true });
  const tarball = packed === null ? build(work) : verified(packed.file, packed.integrity, work);
  npm(work, "install", "--offline", "--ignore-scripts", "--no-save", "--prefix", folder, tarball);
}

/** A copy: what was looked at is what is installed, whatever becomes of the file. */
function verified(file: string, integrity: string, work: string): string {
  const bytes = readFileSync(resolve(process.env["GITHUB_WORKSPACE"] ?? ".", file));
  const [algorithm = ""] = integrity.split("-");
  const actual = `${algorithm}-${createHash(algorithm).update(bytes).digest("base64")}`;
  if (actual !== integrity) throw new InputError(`${file} is not the package that is pinned: it is ${actual}`);
  const copy = join(work, "package.tgz");
  writeFileSync(copy, bytes);
  return copy;
}

/** Not in the place of the action: with `uses: ./` that is the workspace. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", ".github", "node_modules", "dist", "test", "coverage"]);

function build(work: string): string {
  const action = required("ACTION_PATH");
  const source = join(work, "source");
  for (const name of readdirSync(action).filter((entry) => !LEFT_OUT.has(entry)))
    cpSync(join(action, name), join(source, name), { recursive: true });
  npm(
    source,
    "ci",
    "--ignore-scripts",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    "--cache",
    required("DOWNLOADS"),
  );
  npm(source, "run", "build", "--silent");
  npm(source, "pack", "--ignore-scripts", "--silent", "--pack-destination", work);
  const [tarball] = readdirSync(work).filter((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack left no package");
  return join(work, tarball);
}

/** What npm needs to work behind a proxy or with another registry. */
const NPM_NEEDS =
  /^(PATH|HOME|TMPDIR|LANG|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|npm_config_\w+)$/;

function npm(cwd: string, ...args: readonly string[]): void {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => NPM_NEEDS.test(name)));
  const { status, error } = spawnSync("npm", args, { cwd, env, stdio: ["ignore", "ignore", "inherit"] });
  if (error !== undefined || status !== 0)
    throw new Error(
      `npm ${args[0]} ended with ${status ?? error?.message}: litally-ops is not installed, nothing was checked`,
    );
}

await asStep(install);
