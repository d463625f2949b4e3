/** What the bundle needs beyond bundling: the notices of what goes into it, and without what nobody uses. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "rolldown";
import { COMMANDS, valuedFlags } from "../src/cli/grammar.ts";
import { helpFor } from "../src/cli/help.ts";

/** Writes THIRD-PARTY-NOTICES.txt: name, version and licence text of every package that went into the bundle. */
export function thirdPartyNotices(): Plugin {
  return {
    name: "third-party-notices",
    generateBundle(_options, bundle) {
      const roots = new Set<string>();
      for (const output of Object.values(bundle)) {
        if (output.type === "chunk") for (const id of output.moduleIds) addRoot(roots, id);
      }
      const source = [...roots]
        .sort()
        .map(notice)
        .join(`\n${"-".repeat(78)}\n\n`);
      this.emitFile({ type: "asset", fileName: "THIRD-PARTY-NOTICES.txt", source });
    },
  };
}

function addRoot(roots: Set<string>, id: string): void {
  const match = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll("\\", "/"));
  if (match?.[1] !== undefined) roots.add(match[1]);
}

function notice(root: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const file = readdirSync(root).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry));
  const text = file === undefined ? "(the package ships no licence text)\n" : readFileSync(join(root, file), "utf8");
  return `${name} ${version} (${license})\n\n${text}`;
}

/**
 * undici's dispatcher loads its HTTP/2 client, and node:http2 with it, though `allowH2` is off and Atlas speaks
 * HTTP/1.1: a third of its load time. It is left out; using it after all is an error that names this place.
 */
export function leaveOut(path: string): Plugin {
  let found = false;
  return {
    name: "leave-out",
    load(id) {
      if (!id.endsWith(path)) return null;
      found = true;
      return `module.exports = () => { throw new Error("${path} is left out of the bundle, see scripts/bundle-plugins.ts"); };`;
    },
    buildEnd() {
      if (!found) this.error(`${path} was to be left out, but is not there`);
    },
  };
}

/** Puts what the grammar renders in its own place: all help as text, and which flags take a value. */
export function prerenderHelp(): Plugin {
  const names = COMMANDS.flatMap(({ name }) => [name, name.split(" ").slice(0, 1).join()]);
  const texts = ["", "exit-codes", ...names].map((name) => [name, helpFor(name === "" ? [] : name.split(" "))]);
  const rendered = {
    "/src/cli/help.ts": `const texts = new Map(${JSON.stringify(texts)});
      export const helpFor = (words) => texts.get(words.join(" "));`,
    "/src/cli/grammar.ts": `export const valuedFlags = () => ${JSON.stringify(valuedFlags())};`,
  };
  return {
    name: "prerender-help",
    load: (id) => Object.entries(rendered).find(([path]) => id.replaceAll("\\", "/").endsWith(path))?.[1],
  };
}
