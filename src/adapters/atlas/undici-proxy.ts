/** The agent for HTTPS_PROXY and NO_PROXY, apart from undici.ts because few runs need it and it costs start-up time. */
export { default as EnvHttpProxyAgent } from "undici/lib/dispatcher/env-http-proxy-agent.js";
