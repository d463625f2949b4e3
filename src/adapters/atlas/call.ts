/** Calls operations by name: forms the URL, by the library where it can, and follows lists over their pages. */
import type { WireObject } from "../fields.ts";
import { LIBRARY_CALLS, type LibraryOperationId } from "./library.ts";
import { OPERATIONS, type OperationId } from "./operations.ts";
import { allPages, PAGE_ITEMS_MAX } from "./pages.ts";
import type { PathParams } from "./params.ts";
import type { Transport } from "./transport.ts";

export type Call = (
  id: OperationId,
  params: PathParams,
  query?: URLSearchParams,
  body?: WireObject,
) => Promise<unknown>;

/** All elements of a list. */
export type List = (id: OperationId, params: PathParams) => Promise<readonly WireObject[]>;

/** What the parts of the port speak through. */
export interface Wire {
  readonly call: Call;
  readonly list: List;
  /** Told the addresses of downloads, so that none is ever seen. */
  readonly keepSecret: (secrets: readonly string[]) => void;
}

export function caller(transport: Transport, baseUrl: URL): Call {
  return (id, params, query = new URLSearchParams(), body) => {
    const operation = OPERATIONS[id];
    const fetch = (url: string) => transport.call(operation, new URL(url), body);
    if (isLibraryOperation(id)) {
      return LIBRARY_CALLS[id]({ fetch }, new URL("/api/atlas/v2", baseUrl).href, params, Object.fromEntries(query));
    }
    const template: string = operation.path;
    const path = Object.entries(params).reduce((rest, [name, value]) => rest.replace(`{${name}}`, value), template);
    return fetch(`${new URL(path, baseUrl).href}?${query}`);
  };
}

export function lister(call: Call): List {
  return (id, params) => allPages(id, (page) => call(id, params, pageQuery(id, page)), { paged: isPaged(id) });
}

/** A page number is sent to the unpaged list only if its answer links to one. */
export function pageQuery(id: OperationId, page: number): URLSearchParams {
  if (!isPaged(id)) return new URLSearchParams(page === 1 ? {} : { pageNum: String(page) });
  const query = new URLSearchParams({ itemsPerPage: String(PAGE_ITEMS_MAX), pageNum: String(page) });
  if (id !== "listGroupClusterCollectionRestoreJobs") query.set("includeCount", "true"); // it alone does not know it
  return query;
}

function isLibraryOperation(id: OperationId): id is LibraryOperationId {
  return OPERATIONS[id].via === "library";
}

/** The list of sharded snapshots is the one that knows no page parameters. */
function isPaged(id: OperationId): boolean {
  return id !== "listGroupClusterBackupSnapshotShardedClusters";
}
