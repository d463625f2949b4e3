/**
 * All of undici that is used, and the only place that imports it. The two deep imports load in a third of the time
 * of the package's entry, which brings fetch, WebSocket, caches and mocks along.
 */
import requestOf from "undici/lib/api/api-request.js";

export type { Dispatcher } from "undici";
export { default as Agent } from "undici/lib/dispatcher/agent.js";
export { requestOf };
