/** What the bundle needs beyond bundling: the notices of what goes into it, and stand-ins for what nobody uses. */
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

interface StandIn {
  readonly module: string;
  /** How the path of who asks for it ends. */
  readonly importer: RegExp;
  readonly text: string;
}

const REFUSAL = '() => { throw new Error("this is left out of the bundle, see scripts/bundle-plugins.ts"); }';

/** What packages ask for although what they would use it for never happens here: some 8 ms of every `backup verify`. */
const STAND_INS: readonly StandIn[] = [
  {
    // `allowH2` is off: Atlas speaks HTTP/1.1. It brings node:http2 along
    module: "./client-h2.js",
    importer: /\/undici\/lib\/dispatcher\/client\.js$/,
    text: `module.exports = ${REFUSAL};`,
  },
  {
    // for bodies that are forms: ours are text. It brings all of fetch along
    module: "../web/fetch/body.js",
    importer: /\/undici\/lib\/dispatcher\/client-h1\.js$/,
    text: `exports.extractBody = ${REFUSAL};`,
  },
  {
    // read are the limit of headers, which is Node's own, and a class that no answer of undici's is of
    module: "node:http",
    importer: /\/undici\/lib\/(core\/util|dispatcher\/client)\.js$/,
    text: "module.exports = { maxHeaderSize: 16384, IncomingMessage: class {} };",
  },
  {
    // for commands that are programs of their own
    module: "node:child_process",
    importer: /\/commander\/lib\/command\.js$/,
    text: `export default { spawn: ${REFUSAL} };`,
  },
];

/** Puts the stand-ins in their places. */
export function standIns(): Plugin {
  const asked = new Set<string>();
  return {
    name: "stand-ins",
    resolveId(source, importer = "") {
      const path = importer.replaceAll("\\", "/");
      const index = STAND_INS.findIndex((one) => one.module === source && one.importer.test(path));
      const found = STAND_INS[index];
      if (found === undefined) return null;
      asked.add(found.module);
      return `\0stand-in-${index}`;
    },
    load: (id) => STAND_INS.find((_, index) => id === `\0stand-in-${index}`)?.text ?? null,
    buildEnd() {
      for (const { module } of STAND_INS) if (!asked.has(module)) this.error(`nobody asks for ${module} any more`);
    },
  };
}

/** Puts what the grammar renders in its own place: all help as text, and which flags take a value. */
export function prerenderHelp(): Plugin {
  const beginnings = (name: string) => name.split(" ").map((_, index, words) => words.slice(0, index + 1).join(" "));
  const names = new Set(COMMANDS.flatMap(({ name }) => beginnings(name)));
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
