// Types of the modules that are imported by path, because the package's entry loads far more than is used. It has no
// `exports` field, so these paths are reachable; test/adapters/http/undici.test.ts pins them.

declare module "undici/lib/dispatcher/agent.js" {
  import { Agent } from "undici";
  export = Agent;
}

declare module "undici/lib/api/api-request.js" {
  import type { Dispatcher } from "undici";

  function request(this: Dispatcher, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData>;
  export = request;
}
