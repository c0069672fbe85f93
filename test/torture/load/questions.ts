/** What the checker asks a server about one key. */
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { KeyFormatType, Operation, ResultStatus } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { nameOf } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { ask, askFor, named, OperationFailed } from "#test/support/kmip-client-messages.js";
import type { KeyFacts, Sealed } from "./key-facts.js";
import { type Position, plaintextOf } from "./move.js";
import { lookedAt, type Seen, seenIn } from "./seen.js";
import { decryption, get, wrongPlaintext, wrongSignature } from "./using-moves.js";

/** The identifiers that Locate gives for a Name. */
export async function located(client: KmipClient, name: string): Promise<readonly string[]> {
  const payload = { attributes: [nameOf(name)] };
  const found = await askFor<{ uniqueIdentifiers?: readonly string[] }>(client, V2_1, Operation.Locate, payload);
  return found.uniqueIdentifiers ?? [];
}

/** Has the tenant's token give some random bytes. Rejects where it does not. */
export async function randomBytes(client: KmipClient): Promise<void> {
  await askFor(client, V2_1, Operation.RNGRetrieve, { dataLength: 16 });
}

/** The attributes of an object, or why they are not told. */
export async function attributesOf(client: KmipClient, id: string): Promise<Seen | string> {
  return answerOrReason(async () => {
    const payload = { uniqueIdentifier: named(id), attributeNames: lookedAt };
    const told = await askFor<{ attributes: readonly AttributeInstance[] }>(
      client,
      V2_1,
      Operation.GetAttributes,
      payload,
    );
    return seenIn(told.attributes);
  });
}

/** What is wrong with what a key decrypts; undefined where nothing is. */
export async function wrongAtDecrypt(
  client: KmipClient,
  { id, sealed, tenant, key }: { id: string; sealed: Sealed; tenant: string; key: string },
): Promise<string | undefined> {
  const answer = await answerOrReason(() => askFor(client, V2_1, Operation.Decrypt, decryption(id, sealed)));
  return typeof answer === "string"
    ? `what it encrypted is not decrypted: ${answer}`
    : wrongPlaintext(answer, tenant, key);
}

/** What is wrong with a signature of a key; undefined where nothing is. */
export async function wrongAtSign(
  client: KmipClient,
  { id, publicKey, tenant, key }: { id: string; publicKey: string | undefined; tenant: string; key: string },
): Promise<string | undefined> {
  const payload = { uniqueIdentifier: named(id), data: plaintextOf(tenant, key) };
  const answer = await answerOrReason(() => askFor(client, V2_1, Operation.Sign, payload));
  return typeof answer === "string" ? `it does not sign: ${answer}` : wrongSignature(answer, tenant, key, publicKey);
}

/** Gets a key, or the public key of a pair: what is wrong with it, and what it is. */
export async function gotten(client: KmipClient, position: Position): Promise<ReturnType<typeof get.read>> {
  const answer = await answerOrReason(() => askFor(client, V2_1, Operation.Get, get.ask(position).payload));
  return typeof answer === "string" ? { got: {}, wrong: `it is not given: ${answer}` } : get.read(answer, position);
}

/** Whether a destroyed key is given after all. */
export async function isGivenAgain(client: KmipClient, { id = "" }: KeyFacts): Promise<boolean> {
  const payload = { uniqueIdentifier: named(id), keyFormatType: KeyFormatType.Raw };
  return (await ask(client, V2_1, { operation: Operation.Get, payload })).status === ResultStatus.Success;
}

/** What is answered, or why a request was refused. */
export async function answerOrReason<T>(asking: () => Promise<T>): Promise<T | string> {
  try {
    return await asking();
  } catch (error) {
    if (error instanceof OperationFailed) return error.message;
    throw error;
  }
}
