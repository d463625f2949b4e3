/**
 * What a failure of the driver means, in our own words, by name and code. The driver's message is never quoted and its
 * error never kept as a cause: it may hold parts of the connection string, or a document of the database.
 */
import { OpsError } from "../../core/error.ts";
import { untrusted } from "../http/tls.ts";

/** As OpsError; `call` names what was asked. Anything that is no failure of the driver or the network is handed back. */
export function translate(error: unknown, call: string): unknown {
  if (error instanceof OpsError) return error;
  const name = text(property(error, "name")) ?? "";
  const code = property(error, "code");
  if (name === "MongoServerError" || name === "MongoWriteConcernError") return serverError(error, code, call);
  if (name === "MongoServerSelectionError") return selectionError(error, call);
  if (TIMED_OUT.has(name)) return new OpsError("timeout", `MongoDB did not answer ${call} in time`);
  if (UNREACHABLE.has(name)) return networkError(error, call);
  if (UNREADABLE.has(name)) return notMongo(call);
  if (typeof code === "string" && DNS_CODE.test(code)) return networkError(error, call);
  if (typeof code === "string" && FILE_CODE.test(code))
    return new OpsError("config", `a file that the connection string names cannot be read (${code})`);
  return error;
}

/** Whether the same question may be answered now: no server to be had is no such thing, the driver has waited for one. */
export function isPassing(error: unknown): boolean {
  return UNREACHABLE.has(text(property(error, "name")) ?? "") || IN_TRANSITION.has(property(error, "code"));
}

/** The connection string itself is at fault. */
export function translateUri(error: unknown, variable: string): unknown {
  const name = text(property(error, "name")) ?? "";
  if (!MISCONFIGURED.has(name)) return error;
  return new OpsError("config", `${variable} is not a connection string that can be used (${name})`, {
    hint: "write it as Atlas shows it under Connect, with the password's special characters percent-encoded",
  });
}

/** What answers is not MongoDB, or says what cannot be read. */
export function notMongo(call: string): OpsError {
  return new OpsError("protocol", `the answer to ${call} cannot be read as MongoDB's`);
}

const TIMED_OUT = new Set(["MongoNetworkTimeoutError", "MongoOperationTimeoutError", "MongoWaitQueueTimeoutError"]);
const UNREACHABLE = new Set([
  "MongoNetworkError",
  "MongoPoolClearedError",
  "PoolClearedOnNetworkError",
  "MongoPoolClosedError",
  "MongoServerClosedError",
  "MongoTopologyClosedError",
  "MongoClientClosedError",
]);
const UNREADABLE = new Set([
  "BSONError",
  "BSONVersionError",
  "BSONOffsetError",
  "MongoUnexpectedServerResponseError",
  "MongoRuntimeError",
  "MongoDecompressionError",
  "MongoCompatibilityError",
]);
const MISCONFIGURED = new Set([
  "MongoParseError",
  "MongoInvalidArgumentError",
  "MongoAPIError",
  "MongoMissingCredentialsError",
  "MongoMissingDependencyError",
  "TypeError",
  "URIError",
]);

const DNS_CODE = /^(E(NOTFOUND|SERVFAIL|REFUSED|NODATA|TIMEOUT|AI_AGAIN|CONN(RESET|REFUSED))|CERT_\w+|ERR_TLS_\w+)$/;

const FILE_CODE = /^(ENOENT|EACCES|EISDIR|ENOTDIR)$/;

/** https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml; 8000 is Atlas's own. */
const UNACCEPTED = new Set<unknown>([18, 8000]);
const UNAUTHORIZED = 13;
const MAX_TIME = 50;
const IN_TRANSITION = new Set<unknown>([91, 189, 10107, 11600, 11602, 13435, 13436]);

function serverError(error: unknown, code: unknown, call: string): OpsError {
  const name = text(property(error, "codeName"));
  const said = [typeof code === "number" ? code : "no code", ...(name === undefined ? [] : [name])].join(" ");
  if (UNACCEPTED.has(code)) return new OpsError("auth", `MongoDB does not accept these credentials (${said})`);
  if (code === UNAUTHORIZED) {
    return new OpsError("auth", `these credentials may not run ${call} (${said})`, {
      hint: "grant the database user readAnyDatabase, and nothing that writes",
    });
  }
  if (code === MAX_TIME) return new OpsError("timeout", `MongoDB did not finish ${call} in time (${said})`);
  if (IN_TRANSITION.has(code)) return new OpsError("unavailable", `no member could answer ${call} (${said})`);
  return new OpsError("rejected", `MongoDB refused ${call} (${said})`);
}

/** No server could be had; why stands with each server that was tried. */
function selectionError(error: unknown, call: string): OpsError {
  const servers = property(property(error, "reason"), "servers");
  const reasons = servers instanceof Map ? [...servers.values()].map((server) => property(server, "error")) : [];
  const spoke = reasons.filter((reason) => UNREADABLE.has(text(property(reason, "name")) ?? ""));
  if (spoke.length > 0) return notMongo(call);
  return networkError(reasons.find((reason) => systemCode(reason) !== undefined) ?? reasons[0], call);
}

function networkError(error: unknown, call: string): OpsError {
  const code = systemCode(error);
  const insecure = code === undefined ? undefined : untrusted(code, "MongoDB");
  if (insecure !== undefined) return insecure;
  const why = code === undefined ? "" : ` (${code})`;
  return new OpsError("unavailable", `no connection to MongoDB for ${call}${why}`, {
    hint: "does the host exist, and is this machine's address in the project's IP access list?",
  });
}

const MAX_CAUSES = 5;

/** Node's code, wherever in the chain of causes it stands. */
function systemCode(error: unknown): string | undefined {
  let at = error;
  for (let depth = 0; depth < MAX_CAUSES && at !== undefined; depth += 1) {
    const code = text(property(at, "code"));
    if (code !== undefined) return code;
    at = property(at, "cause");
  }
  return undefined;
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** A name or code, if it looks like one: what comes from outside is to fit one line of a terminal, and be no secret. */
function text(value: unknown): string | undefined {
  return typeof value === "string" && /^[A-Za-z]\w{0,79}$/.test(value) ? value : undefined;
}
