import { BlockCipherMode, Operation, PaddingMethod } from "#protocol/enums/index.js";
import type { Act, Actions } from "./kmip-actions.js";

/** What is encrypted under keys whose value must stay the same. */
export const sealedSecret = Buffer.from("the same wherever the key is, under every version");

const cryptographicParameters = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };

/** The secret, encrypted under a key. */
export interface SealedData {
  readonly data: Buffer;
  readonly ivCounterNonce: Buffer;
}

/** A key with the secret encrypted under it. */
export interface Sealed extends SealedData {
  readonly id: string;
}

/** Encrypts the secret under a key. */
export async function sealUnder(act: Act, id: string): Promise<SealedData> {
  const payload = { cryptographicParameters, data: sealedSecret };
  const { data, ivCounterNonce } = await act<SealedData>(Operation.Encrypt, id, payload);
  return { data, ivCounterNonce };
}

/** Makes an active key and encrypts the secret under it. */
export async function sealedByNewKey({ create, activate, act }: Actions): Promise<Sealed> {
  const id = await create();
  await activate(id);
  return { id, ...(await sealUnder(act, id)) };
}

/** What a key decrypts to. */
export async function opened(act: Act, { id, data, ivCounterNonce }: Sealed): Promise<Buffer> {
  const payload = { cryptographicParameters, data, ivCounterNonce };
  return (await act<{ data: Buffer }>(Operation.Decrypt, id, payload)).data;
}
