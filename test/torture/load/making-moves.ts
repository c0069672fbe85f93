/** Moves that make keys. */
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { CryptographicAlgorithm, CryptographicUsageMask, Operation } from "#protocol/enums/index.js";
import { aesKey, instance, nameOf, registeredAesKey, requested } from "#test/support/kmip-actions.js";
import { digestOf, labelled, loadMarker, type Move, type Position, publicNameOf, told } from "./move.js";

const making = { fits: ({ facts }: Position) => facts === null };

/** Create of an AES key. */
export const create: Move = {
  ...making,
  operation: Operation.Create,
  title: "Create",
  weight: 8,
  ask: (position) => {
    const { given, list } = labelled(position);
    return { payload: aesKey(nameOf(position.key), ...list), given: { kind: "symmetric", ...given } };
  },
  read: (payload) => ({ got: { id: String(told(payload)["uniqueIdentifier"]) } }),
};

/** Register of an AES key that begins with the mark. */
export const register: Move = {
  ...making,
  operation: Operation.Register,
  title: "Register",
  weight: 4,
  ask: (position) => {
    const { given, list } = labelled(position);
    const material = Buffer.concat([loadMarker, position.random.bytes(32)]).subarray(0, 32);
    const payload = registeredAesKey(material, nameOf(position.key), ...list);
    return { payload, given: { kind: "symmetric", digest: digestOf(material), ...given } };
  },
  read: create.read,
};

/** Create Key Pair on P-256; the Name is the private key's. */
export const createPair: Move = {
  ...making,
  operation: Operation.CreateKeyPair,
  title: "Create Key Pair",
  weight: 3,
  ask: (position) => {
    const { given, list } = labelled(position);
    const half = (mask: number, ...more: readonly AttributeInstance[]) =>
      requested(
        instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.ECDSA),
        instance(attributes.cryptographicLength, 256),
        instance(attributes.cryptographicUsageMask, mask),
        ...more,
      );
    const payload = {
      commonAttributes: requested(),
      privateKeyAttributes: half(CryptographicUsageMask.Sign, nameOf(position.key), ...list),
      publicKeyAttributes: half(CryptographicUsageMask.Verify, nameOf(publicNameOf(position.key))),
    };
    return { payload, given: { kind: "pair", ...given } };
  },
  read: (payload) => {
    const { privateKeyUniqueIdentifier: id, publicKeyUniqueIdentifier: publicId } = told(payload);
    return { got: { id: String(id), publicId: String(publicId) } };
  },
};
