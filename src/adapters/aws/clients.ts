/** The clients of all services over the same settings, each loaded and made when it is first asked for. */
import { once } from "../../core/once.ts";
import type { ClientSettings } from "./client.ts";
import type { AwsConnection } from "./settings.ts";

export type Clients = ReturnType<typeof lazyClients>;

export function lazyClients({ settings, s3Settings }: AwsConnection) {
  const opened: { close(): void }[] = [];
  const lazily = <Client extends { close(): void }>(
    open: (settings: ClientSettings) => Promise<Client>,
    settingsOf = settings,
  ) =>
    once(async () => {
      const client = await open(await settingsOf());
      opened.push(client);
      return client;
    });
  return {
    sts: lazily(async (shared) => (await import("./sts.ts")).openSts(shared)),
    cloudWatch: lazily(async (shared) => (await import("./cloudwatch.ts")).openCloudWatch(shared)),
    sns: lazily(async (shared) => (await import("./sns.ts")).openSns(shared)),
    s3: lazily(async (shared) => (await import("./s3-probes.ts")).openS3(shared), s3Settings),
    close: () => {
      for (const client of opened) client.close();
    },
  };
}
