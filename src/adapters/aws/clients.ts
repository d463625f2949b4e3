/** The clients of all services over the same settings, each loaded and made when it is first asked for. */
import { once } from "../../core/once.ts";
import type { ClientSettings } from "./client.ts";

export type Clients = ReturnType<typeof lazyClients>;

export function lazyClients(makeSettings: () => Promise<ClientSettings>) {
  const opened: { close(): void }[] = [];
  const settings = once(makeSettings);
  const lazily = <Client extends { close(): void }>(open: (settings: ClientSettings) => Promise<Client>) =>
    once(async () => {
      const client = await open(await settings());
      opened.push(client);
      return client;
    });
  return {
    sts: lazily(async (shared) => (await import("./sts.ts")).openSts(shared)),
    cloudWatch: lazily(async (shared) => (await import("./cloudwatch.ts")).openCloudWatch(shared)),
    sns: lazily(async (shared) => (await import("./sns.ts")).openSns(shared)),
    s3: lazily(async (shared) => (await import("./s3.ts")).openS3(shared)),
    close: () => {
      for (const client of opened) client.close();
    },
  };
}
