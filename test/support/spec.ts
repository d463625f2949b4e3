/** Compares bodies with Atlas's own description of its API, where that is at hand (it is not part of this repository). */
import { existsSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import formats from "ajv-formats";

const SPEC = new URL("../../../shared/atlas/openapi.json", import.meta.url);

/** What is wrong with `body` as an instance of `schema`; nothing where there is nothing to compare with. */
export type Compare = (schema: string, body: unknown) => readonly string[];

/** undefined, and a line on stderr, where the description is not at hand. */
export function specComparison(): Compare | undefined {
  if (!existsSync(SPEC)) {
    process.stderr.write("the Atlas API description is not at hand: bodies are not compared with it\n");
    return undefined;
  }
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats(ajv);
  ajv.addSchema(JSON.parse(readFileSync(SPEC, "utf8")), "atlas");
  return (schema, body) => {
    const check = ajv.getSchema(`atlas#/components/schemas/${schema}`);
    if (check === undefined) throw new Error(`the API description has no ${schema}`);
    return check(body) === true ? [] : (check.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  };
}
