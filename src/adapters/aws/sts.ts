/** The Security Token Service: whom credentials belong to. */
import { GetCallerIdentityCommand, type GetCallerIdentityCommandOutput, STSClient } from "@aws-sdk/client-sts";
import type { ClientSettings, Service } from "./client.ts";

export function openSts(settings: ClientSettings): Service<"identity", GetCallerIdentityCommandOutput> {
  const client = new STSClient(settings);
  return {
    ask: (_question, abortSignal) => client.send(new GetCallerIdentityCommand({}), { abortSignal }),
    close: () => client.destroy(),
  };
}
