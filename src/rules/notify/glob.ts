/** Patterns with `*` (any characters) and `?` (one), as policies write them; in time that no pattern can blow up. */
export function glob(pattern: string, text: string, { single = "?" }: { readonly single?: string } = {}): boolean {
  let [at, inText] = [0, 0];
  let [afterStar, from] = [-1, 0];
  while (inText < text.length) {
    const sign = pattern[at];
    if (sign === "*") {
      at += 1;
      [afterStar, from] = [at, inText];
    } else if (sign !== undefined && (sign === text[inText] || sign === single)) {
      at += 1;
      inText += 1;
    } else if (afterStar !== -1) {
      from += 1;
      [at, inText] = [afterStar, from];
    } else return false;
  }
  return [...pattern.slice(at)].every((sign) => sign === "*");
}
