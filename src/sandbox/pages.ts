/** Atlas's pages: 1 to 500 items, 100 unless told, with links to this page and the next. */
import { type Answer, ok, refuse } from "./answer.ts";

const DEFAULT_ITEMS_PER_PAGE = 100;
const MAX_ITEMS_PER_PAGE = 500;

export function paged(items: readonly unknown[], url: URL): Answer {
  const itemsPerPage = wholeNumber(url, "itemsPerPage", DEFAULT_ITEMS_PER_PAGE);
  const pageNum = wholeNumber(url, "pageNum", 1);
  if (itemsPerPage === null || itemsPerPage > MAX_ITEMS_PER_PAGE)
    return invalid("itemsPerPage", `1 to ${MAX_ITEMS_PER_PAGE}`);
  if (pageNum === null) return invalid("pageNum", "1 or more");
  const includeCount = url.searchParams.get("includeCount") ?? "true";
  if (includeCount !== "true" && includeCount !== "false") return invalid("includeCount", "true or false");
  const results = items.slice((pageNum - 1) * itemsPerPage, pageNum * itemsPerPage);
  const links = [link(url, "self", pageNum)];
  if (pageNum * itemsPerPage < items.length) links.push(link(url, "next", pageNum + 1));
  return ok({ links, results, ...(includeCount === "true" ? { totalCount: items.length } : {}) });
}

/** A list that has no pages. */
export function whole(items: readonly unknown[], url: URL): Answer {
  return ok({ links: [{ rel: "self", href: url.href }], results: items, totalCount: items.length });
}

function link(url: URL, rel: "self" | "next", pageNum: number): { readonly rel: string; readonly href: string } {
  const target = new URL(url);
  target.searchParams.set("pageNum", String(pageNum));
  return { rel, href: target.href };
}

function wholeNumber(url: URL, name: string, absent: number): number | null {
  const text = url.searchParams.get(name);
  if (text === null) return absent;
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}

function invalid(name: string, allowed: string): Answer {
  return refuse(400, "INVALID_QUERY_PARAMETER", `The query parameter ${name} must be ${allowed}.`, [name]);
}
