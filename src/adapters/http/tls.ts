import { OpsError } from "../../core/error.ts";

const TLS_CODE = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** That a code of Node's means a connection to `whom` that cannot be trusted; undefined: it means something else. */
export function untrusted(code: string, whom: string): OpsError | undefined {
  if (!TLS_CODE.test(code)) return undefined;
  return new OpsError("unavailable", `no trusted connection to ${whom} (${code})`, {
    hint: "if a proxy inspects TLS here, name its certificate in NODE_EXTRA_CA_CERTS",
  });
}
