import { attributes } from "#protocol/attributes/definitions.js";
import { KeyFormatType, ObjectType, RNGAlgorithm } from "#protocol/enums/index.js";
import { usualLength } from "#src/crypto/formats/algorithms.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { newObject } from "#src/objects/new-object.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { OperationContext } from "../contract/context.js";
import { allowsLength, secretAlgorithms } from "./key-algorithms.js";
import { demand, refuseTokenStorage } from "./requested.js";

/** What Random Number Generator says of keys the token made: PKCS#11 does not tell how (KMIP 2.1 §7.31). */
export const tokenGenerator = { rngAlgorithm: RNGAlgorithm.Unspecified } as const;

/** Makes a symmetric key in the tenant's partition and the object around it. Throws KmipError and CryptoError. */
export async function makeSymmetricKey(
  context: OperationContext,
  requested: AttributeSet,
  options: { readonly inToken: boolean },
): Promise<ManagedObject> {
  const algorithm = demand(requested.get(attributes.cryptographicAlgorithm), "Cryptographic Algorithm");
  const length = demand(requested.get(attributes.cryptographicLength), "Cryptographic Length");
  const row = secretAlgorithms.get(algorithm);
  if (row === undefined) {
    throw new KmipError("InvalidAttributeValue", "the server makes no symmetric keys of this Cryptographic Algorithm");
  }
  if (!allowsLength(row, length)) {
    throw new KmipError("InvalidAttributeValue", `the algorithm has no keys of ${length} bits`);
  }
  const id = newIdentifier();
  const isOfToken = row.softwareOnly !== true;
  if (options.inToken && !isOfToken) throw refuseTokenStorage();
  const custody = isOfToken ? context.keys.custodyFor({ highProtection: options.inToken }) : "wrapped";
  const bits = usualLength(algorithm, length);
  const stored = await context.keys.generateSecret({ objectId: id, keyType: row.keyType, bits, custody });
  return newObject({
    tenantId: context.tenantId,
    id,
    objectType: ObjectType.SymmetricKey,
    now: context.now,
    requested,
    material: {
      form: "secret",
      custody,
      keyType: row.keyType,
      blob: stored.material,
      keyEncryptionKeyVersion: stored.keyEncryptionKeyVersion,
      keyFormatType: KeyFormatType.Raw,
    },
    digest: stored.digest,
    digestFormat: KeyFormatType.Raw,
    algorithm,
    length,
    defaultUsageMask: row.usage,
    generator: tokenGenerator,
  });
}
