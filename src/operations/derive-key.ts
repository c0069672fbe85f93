import {
  CryptographicUsageMask,
  DerivationMethod,
  ObjectType,
  Operation,
  UniqueIdentifier,
} from "#protocol/enums/index.js";
import { type DeriveKeyRequest, deriveKeyRequest, deriveKeyResponse } from "#protocol/payloads/derive-key.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "./contract/context.js";
import { defineOperation, type ObjectRules, placeholderFor } from "./contract/operation.js";
import { agreedInToken } from "./deriving/agreement.js";
import { derivedLength, derivedObject, insertLinked } from "./deriving/derived-object.js";
import { derivationMethods } from "./deriving/methods.js";
import { acceptRequested } from "./making/requested.js";

/** What must hold of every object that is derived from (KMIP 2.1 §6.1.14, 1.4 §11.7). */
const derivable: ObjectRules = {
  objectTypes: new Set([ObjectType.SymmetricKey, ObjectType.SecretData, ObjectType.PrivateKey, ObjectType.PublicKey]),
  use: { kind: "protect", mask: CryptographicUsageMask.DeriveKey, oneXReason: "InvalidField" },
};

/** Object Types that are derived. */
const derived: ReadonlySet<number> = new Set([ObjectType.SymmetricKey, ObjectType.SecretData]);

/** Derive Key (KMIP 2.1 §6.1.14): a symmetric key or secret data, from keys and secret data that are here. */
export const deriveKey = defineOperation({
  code: Operation.DeriveKey,
  name: "Derive Key",
  versions: {},
  request: deriveKeyRequest,
  response: deriveKeyResponse,
  permission: "create",
  twoXReasons: {
    AttributeReadOnly: "InvalidAttribute",
    AttributeSingleValued: "InvalidAttribute",
    InvalidAttributeValue: "InvalidAttribute",
    ReadOnlyAttribute: "InvalidAttribute",
    UnsupportedAttribute: "InvalidAttribute",
  },
  target: { naming: ({ uniqueIdentifiers }) => uniqueIdentifiers[0], ...derivable },
  placeholder: ({ uniqueIdentifier }) => placeholderFor(UniqueIdentifier.DeriveKey, uniqueIdentifier),
  async run(context, request) {
    const { objectType, derivationParameters: parameters } = request;
    if (!derived.has(objectType)) {
      throw new KmipError("InvalidObjectType", "symmetric keys and secret data are derived");
    }
    const method = derivationMethods.get(request.derivationMethod);
    if (method === undefined) throw new KmipError("InvalidField", "this Derivation Method is not known here");
    const requested = acceptRequested(context, objectType, request.attributes);
    const length = derivedLength(objectType, requested);
    const bases = await basesOf(context, request);
    const derivation = { context, bases, parameters, length };
    const isAgreement = request.derivationMethod === DerivationMethod.AsymmetricKey;
    const agreed = isAgreement ? await agreedInToken(derivation, objectType, requested) : undefined;
    const object =
      agreed ?? (await derivedObject(context, { objectType, requested, secret: await method(derivation), length }));
    insertLinked(context, object, bases);
    return { uniqueIdentifier: object.id };
  },
});

/** The objects that the request names, each once. */
async function basesOf(
  context: OperationContext,
  { uniqueIdentifiers }: DeriveKeyRequest,
): Promise<readonly ManagedObject[]> {
  const others: ManagedObject[] = [];
  for (const naming of uniqueIdentifiers.slice(1)) others.push(await context.named(naming, derivable));
  const bases = [context.target, ...others];
  if (new Set(bases.map(({ id }) => id)).size < bases.length) {
    throw new KmipError("InvalidField", "the request names an object twice");
  }
  return bases;
}
