/** The real key service behind the port. */
import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from "@aws-sdk/client-kms";
import * as z from "zod/mini";
import { once } from "../../core/once.ts";
import { KEY_STATES, type KeyState, type Keys } from "../../ports/keys.ts";
import { ask } from "./ask.ts";
import type { AwsConnection } from "./settings.ts";

/** Nothing is read or sent before the first call. */
export function connectKeys(connection: AwsConnection): Keys {
  let opened: KMSClient | undefined;
  const client = once(async () => {
    opened = new KMSClient(await connection.settings());
    return opened;
  });
  return {
    getKey: (keyId) => {
      const command = new DescribeKeyCommand({ KeyId: keyId });
      return ask(connection, { name: `kms:DescribeKey on ${keyId}` }, Described, async (options) =>
        (await client()).send(command, options),
      );
    },
    getKeyPolicy: (keyId) => {
      const command = new GetKeyPolicyCommand({ KeyId: keyId });
      return ask(connection, { name: `kms:GetKeyPolicy on ${keyId}` }, WithPolicy, async (options) =>
        (await client()).send(command, options),
      );
    },
    close: () => opened?.destroy(),
  };
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html */
const Described = z.pipe(
  z.object({
    KeyMetadata: z.object({
      Arn: z.string().check(z.regex(/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/)),
      KeyState: z.enum(KEY_STATES),
      KeyManager: z.enum(["AWS", "CUSTOMER"]),
      KeySpec: z.string(),
      KeyUsage: z.string(),
      DeletionDate: z.optional(z.date()),
    }),
  }),
  z.transform(
    ({ KeyMetadata: key }): KeyState => ({
      arn: key.Arn,
      state: key.KeyState,
      isManagedByAws: key.KeyManager === "AWS",
      isSymmetric: key.KeySpec === "SYMMETRIC_DEFAULT" && key.KeyUsage === "ENCRYPT_DECRYPT",
      deletionAt: key.DeletionDate ?? null,
    }),
  ),
);

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html */
const WithPolicy = z.pipe(
  z.object({ Policy: z.string() }),
  z.transform(({ Policy }) => Policy),
);
