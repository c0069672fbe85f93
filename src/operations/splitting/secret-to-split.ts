import { attributes } from "#protocol/attributes/definitions.js";
import { symmetricAlgorithm } from "#src/crypto/formats/algorithms.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { OperationContext } from "../contract/context.js";
import { allowsLength, secretAlgorithms } from "../making/key-algorithms.js";
import { demand } from "../making/requested.js";

/** The most random bytes that a partition gives at once. */
const mostAtOnce = 65_536;

/** Random bytes of the token, as many as are asked for. */
export async function randomBytes({ partition }: OperationContext, length: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let left = length; left > 0; left -= mostAtOnce) pieces.push(await partition.random(Math.min(left, mostAtOnce)));
  const whole = Buffer.concat(pieces);
  for (const piece of pieces) piece.fill(0);
  return whole;
}

/** Bytes of a symmetric key to be made of the token's random numbers. Throws KmipError where there are no such keys. */
export async function newSecret(context: OperationContext, requested: AttributeSet): Promise<Buffer> {
  const algorithm = demand(requested.get(attributes.cryptographicAlgorithm), "Cryptographic Algorithm");
  const bits = demand(requested.get(attributes.cryptographicLength), "Cryptographic Length");
  const row = secretAlgorithms.get(algorithm);
  if (row === undefined || !allowsLength(row, bits)) {
    throw new KmipError("InvalidAttributeValue", `the Cryptographic Algorithm has no keys of ${bits} bits here`);
  }
  const known = [...(symmetricAlgorithm(algorithm).lengths ?? [])].find(([, lengths]) => lengths.includes(bits));
  return randomBytes(context, known?.[0] ?? bits / 8);
}
