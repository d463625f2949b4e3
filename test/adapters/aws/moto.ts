/** Somebody else's AWS: moto, where Python has it. It is loaded in the older protocol, as older tools do. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

export const MOTO_HOME = { accountId: "123456789012", region: "ap-south-1" };
export const hasMoto = spawnSync("python3", ["-c", "import moto.server"]).status === 0;
if (!hasMoto) process.stderr.write("python3 has no moto here: nothing was held against it\n");

export interface Moto {
  readonly url: string;
  /** A form, answered in XML: moto asks for no signature, but looks which service it is for. */
  told(service: "monitoring" | "sns", version: string, form: Readonly<Record<string, string>>): Promise<string>;
  stop(): Promise<void>;
}

export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn("python3", ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  while (!(await isUp(url))) {
    if (server.exitCode !== null) throw new Error("moto did not start");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    told: async (service, Version, form) => {
      const scope = `a/20261122/${MOTO_HOME.region}/${service}/aws4_request`;
      const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00`;
      const body = new URLSearchParams({ ...form, Version });
      const response = await fetch(url, { method: "POST", headers: { authorization }, body });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return text;
    },
    stop: async () => {
      const gone = once(server, "exit");
      server.kill();
      await gone;
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/moto-api/`)).ok;
  } catch {
    return false;
  }
}
