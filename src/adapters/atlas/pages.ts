/**
 * Follows a list to its end. Atlas's `totalCount` is an estimate, so it can prolong the walk but never end it; and where
 * more is announced than can be had, the list is not known.
 */
import { OpsError } from "../../core/error.ts";
import type { WireObject } from "../fields.ts";

/** The most that Atlas gives at once. */
export const PAGE_ITEMS_MAX = 500;
export const PAGES_MAX = 200;

interface Walk {
  /**
   * The operation takes page numbers (it does unless told). One that does not gives all at once, and only a link to a
   * next page is reason to ask again.
   */
  readonly paged?: boolean;
  /** Pages after which to stop with what there is, for who can do with a part; absent: a list is whole or an error. */
  readonly enoughPages?: number;
}

/** All elements, in order; one that comes again on a later page (the list moved meanwhile) is taken once. */
export async function allPages(
  what: string,
  getPage: (pageNumber: number) => Promise<unknown>,
  { paged = true, enoughPages }: Walk = {},
): Promise<readonly WireObject[]> {
  const all: WireObject[] = [];
  const seen = new Set<string>();
  for (let pageNumber = 1; pageNumber <= PAGES_MAX; pageNumber += 1) {
    const answer = await getPage(pageNumber);
    const { readPage } = await import("./wire-page.ts");
    const page = readPage(answer);
    if (page === null) throw new OpsError("protocol", `${what}: page ${pageNumber} is not a list as Atlas gives them`);
    const { results, links, totalCount } = page;
    const linked = links?.some(({ rel }) => rel === "next") === true;
    const announced = totalCount ?? 0;
    if (results.length === 0 && all.length === 0 && announced > 0) {
      throw new OpsError("protocol", `${what}: the list is empty, though ${announced} are announced`);
    }
    if (results.length === 0 && linked) {
      throw new OpsError("protocol", `${what}: page ${pageNumber} is empty, though it links to another`);
    }
    if (results.length === 0) return all;
    const fresh = results.filter(({ id }) => typeof id !== "string" || !seen.has(id));
    if (fresh.length === 0) throw new OpsError("protocol", `${what}: page ${pageNumber} repeats what came before`);
    all.push(...fresh);
    for (const { id } of fresh) if (typeof id === "string") seen.add(id);
    if (pageNumber === enoughPages) return all;
    if (linked || (paged && (results.length >= PAGE_ITEMS_MAX || announced > all.length))) continue;
    if (announced > all.length) {
      throw new OpsError("protocol", `${what}: the list has ${all.length}, though ${announced} are announced`);
    }
    return all;
  }
  throw new OpsError("protocol", `${what}: more than ${PAGES_MAX} pages`);
}
