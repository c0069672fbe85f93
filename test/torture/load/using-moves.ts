/** Moves that use keys, and how their answers are judged. */

import { createPublicKey, verify } from "node:crypto";
import { KeyFormatType, Operation, State } from "#protocol/enums/index.js";
import { gcm } from "#test/support/kmip-actions.js";
import { named } from "#test/support/kmip-client-messages.js";
import { isGone, type Sealed } from "./key-facts.js";
import {
  digestOf,
  idOf,
  inState,
  isSymmetric,
  type Move,
  type Payload,
  type Position,
  plaintextOf,
  sameObject,
  told,
} from "./move.js";

/** Whether a key leaves the server in plaintext: public keys, and secret ones that rest wrapped. */
export function isGiven({ facts, custody }: Pick<Position, "facts" | "custody">): boolean {
  if (facts === null || isGone(facts.state)) return false;
  return facts.kind === "pair" ? facts.publicId !== undefined : facts.id !== undefined && custody === "wrapped";
}

/** Get of a key that is given, of a pair the public one. */
export const get: Move = {
  operation: Operation.Get,
  title: "Get",
  weight: 6,
  fits: isGiven,
  ask: ({ facts }) => {
    const isPair = facts?.kind === "pair";
    const uniqueIdentifier = named((isPair ? facts?.publicId : facts?.id) ?? "");
    const format = { keyFormatType: isPair ? KeyFormatType.X_509 : KeyFormatType.Raw };
    return { payload: { uniqueIdentifier, ...format }, given: {} };
  },
  read: (payload, { facts }) => {
    const material = materialIn(told(payload));
    if (material === undefined) return { got: {}, wrong: "the answer holds no key" };
    if (facts?.kind === "pair") {
      const publicKey = material.toString("base64");
      const isSame = facts.publicKey === undefined || facts.publicKey === publicKey;
      return { got: { publicKey }, wrong: isSame ? undefined : "another public key was given" };
    }
    const digest = digestOf(material);
    const isSame = facts?.digest === undefined || facts.digest === digest;
    return { got: { digest }, wrong: isSame ? undefined : "another key was given" };
  },
};

function materialIn(payload: Payload): Buffer | undefined {
  interface Holder {
    readonly keyBlock: { readonly keyValue?: { readonly keyMaterial?: unknown } };
  }
  const holder = (payload["symmetricKey"] ?? payload["publicKey"]) as Holder | undefined;
  const material = holder?.keyBlock.keyValue?.keyMaterial;
  return Buffer.isBuffer(material) ? material : undefined;
}

/** Encrypt with AES-GCM. */
export const encrypt: Move = {
  operation: Operation.Encrypt,
  title: "Encrypt",
  weight: 10,
  fits: (position) => isSymmetric(position) && inState(State.Active)(position),
  ask: (position) => {
    const data = plaintextOf(position.tenant, position.key);
    return { payload: { ...idOf(position), cryptographicParameters: gcm, data }, given: {} };
  },
  read: (payload, position) => {
    const { data, ivCounterNonce, authenticatedEncryptionTag } = told(payload);
    const [iv, sealedData, tag] = [ivCounterNonce, data, authenticatedEncryptionTag].map((bytes) =>
      Buffer.isBuffer(bytes) ? bytes.toString("base64") : undefined,
    );
    if (iv === undefined || sealedData === undefined || tag === undefined) {
      return { got: {}, wrong: "the answer lacks the ciphertext, the IV or the tag" };
    }
    const sealed: Sealed = { iv, data: sealedData, tag };
    return { got: { sealed }, wrong: sameObject(payload, position).wrong };
  },
};

/** The request that decrypts what a key encrypted before. */
export function decryption(id: string, { iv, data, tag }: Sealed): Payload {
  const [ivCounterNonce, bytes, authenticatedEncryptionTag] = [iv, data, tag].map((text) =>
    Buffer.from(text, "base64"),
  );
  return {
    uniqueIdentifier: named(id),
    cryptographicParameters: gcm,
    data: bytes,
    ivCounterNonce,
    authenticatedEncryptionTag,
  };
}

/** What is wrong with the answer to a Decrypt; undefined where nothing is. */
export function wrongPlaintext(payload: unknown, tenant: string, key: string): string | undefined {
  const { data } = told(payload);
  const isRight = Buffer.isBuffer(data) && data.equals(plaintextOf(tenant, key));
  return isRight ? undefined : "it decrypts to something else";
}

/** Decrypt of what the key encrypted last. */
export const decrypt: Move = {
  operation: Operation.Decrypt,
  title: "Decrypt",
  weight: 10,
  fits: (position) =>
    position.facts?.sealed !== undefined && inState(State.Active, State.Deactivated, State.Compromised)(position),
  ask: ({ facts }) => ({
    payload: decryption(facts?.id ?? "", facts?.sealed ?? { iv: "", data: "", tag: "" }),
    given: {},
  }),
  read: (payload, { tenant, key }) => ({ got: {}, wrong: wrongPlaintext(payload, tenant, key) }),
};

/** What is wrong with the answer to a Sign of the plaintext; undefined where nothing is, or the public key is not known. */
export function wrongSignature(payload: unknown, tenant: string, key: string, publicKey?: string): string | undefined {
  const { signatureData } = told(payload);
  if (!Buffer.isBuffer(signatureData)) return "the answer holds no signature";
  if (publicKey === undefined) return undefined;
  const spki = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
  const isRight = verify("sha256", plaintextOf(tenant, key), spki, signatureData);
  return isRight ? undefined : "the signature is not of its public key";
}

/** Sign by ECDSA with SHA-256. */
export const sign: Move = {
  operation: Operation.Sign,
  title: "Sign",
  weight: 6,
  fits: (position) => position.facts?.kind === "pair" && inState(State.Active)(position),
  ask: (position) => ({
    payload: { ...idOf(position), data: plaintextOf(position.tenant, position.key) },
    given: {},
  }),
  read: (payload, { tenant, key, facts }) => ({
    got: {},
    wrong: wrongSignature(payload, tenant, key, facts?.publicKey),
  }),
};
