import { attributes } from "#protocol/attributes/definitions.js";
import { BlockCipherMode, CryptographicUsageMask, Operation } from "#protocol/enums/index.js";
import { V1_4 } from "#protocol/versions.js";
import { type Actions, actionsOf, instance, nameOf } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";

/** Uses of a key before it is revoked and destroyed. */
const usesOfKey = 20;

const gcm = { blockCipherMode: BlockCipherMode.GCM, tagLength: 16, randomIV: true };
const plaintext = Buffer.from("what goes in comes out again");
const usage = instance(
  attributes.cryptographicUsageMask,
  CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt,
);

interface Encrypted {
  readonly data: Buffer;
  readonly ivCounterNonce: Buffer;
  readonly authenticatedEncryptionTag: Buffer;
}

async function roundTrip({ act }: Actions, id: string): Promise<void> {
  const made = await act<Encrypted>(Operation.Encrypt, id, { cryptographicParameters: gcm, data: plaintext });
  const { data, ivCounterNonce, authenticatedEncryptionTag } = made;
  const given = { cryptographicParameters: gcm, data, ivCounterNonce, authenticatedEncryptionTag };
  const back = await act<{ data: Buffer }>(Operation.Decrypt, id, given);
  if (!back.data.equals(plaintext)) throw new Error("a key decrypted to something else");
}

/** The life of one key, from Create to Destroy, each answer checked. Calls back after every request. */
export async function liveThrough(client: KmipClient, name: string, answered: () => void): Promise<void> {
  const actions = actionsOf(client, V1_4);
  const counted = async <T>(work: Promise<T>, requests = 1): Promise<T> => {
    const result = await work;
    for (let count = 0; count < requests; count += 1) answered();
    return result;
  };
  const id = await counted(actions.create(nameOf(name), usage));
  await counted(actions.activate(id));
  for (let use = 0; use < usesOfKey; use += 1) await counted(roundTrip(actions, id), 2);
  await counted(actions.act(Operation.Get, id));
  const found = await counted(actions.locate(nameOf(name)));
  if (found.length !== 1 || found[0] !== id) throw new Error(`Locate of ${name} gave ${found.join()}, not ${id}`);
  await counted(actions.revoke(id));
  await counted(actions.destroy(id));
}
