/** Who has stdout: the result, unless a command sends bytes there, which nothing must mix with. */
import { OpsError } from "../core/error.ts";
import type { Output } from "../ports/output.ts";
import type { Host, Sink } from "./host.ts";

/** A host whose result moves to stderr once `output` has been asked for stdout. */
export function withOutput(host: Host): { readonly host: Host; readonly output: Output } {
  let isTaken = false;
  const stdout: Sink = { ...host.stdout, write: (text) => (isTaken ? host.stderr : host.stdout).write(text) };
  const output: Output = {
    forBytes: () => {
      if (host.stdout.isTerminal)
        throw new OpsError("usage", "stdout is a terminal, which is no place for these bytes", {
          hint: "send them on (| tar -xz) or into a file (> file)",
        });
      isTaken = true;
      return async (bytes) => {
        try {
          await host.writeBytes(bytes);
        } catch (cause) {
          throw new OpsError("unavailable", "whoever reads stdout takes no more of it", { cause });
        }
      };
    },
  };
  return { host: { ...host, stdout }, output };
}
