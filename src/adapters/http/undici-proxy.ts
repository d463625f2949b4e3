/**
 * The agent for HTTPS_PROXY and NO_PROXY, apart from undici.ts because few runs need it: it works only with the whole
 * of undici loaded, whose entry completes the dispatchers that it builds on.
 */
export { EnvHttpProxyAgent } from "undici";
