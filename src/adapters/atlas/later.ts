import { once } from "../../core/once.ts";

type Method = (...given: never[]) => Promise<unknown>;

/** Methods of a part of the port, which is loaded when one of them is first called. */
export function later<Part extends Record<keyof Part, Method>>(
  names: Readonly<Record<keyof Part, true>>,
  load: () => Promise<Part>,
): Part {
  const part = once(load);
  const called =
    (name: keyof Part): Method =>
    async (...given) =>
      (await part())[name](...given);
  const methods = Object.keys(names).map((name) => [name, called(name as keyof Part)]); // `names` has no other keys
  return Object.fromEntries(methods) as Part; // `names` has all of its keys
}
