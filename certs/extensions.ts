import { hash, type KeyObject } from "node:crypto";
import {
  booleanTrue,
  childrenOf,
  contextPrimitive,
  type DerNode,
  encodeDer,
  namedBits,
  objectIdentifier,
  octetString,
  sequence,
  smallInteger,
  splicedDer,
  unsignedInteger,
} from "./der.js";
import { CertificateError } from "./errors.js";
import { subjectPublicKeyInfo } from "./keys.js";
import { generalName } from "./names.js";
import type { ObjectIdentifierName } from "./object-identifiers.js";

/** The bits of the key usage extension (RFC 5280 §4.2.1.3). */
export const keyUsageBits = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
} as const;

/** One use in the key usage extension. */
export type KeyUsage = keyof typeof keyUsageBits;

/** The extended key usages that we issue (RFC 5280 §4.2.1.12). */
export type ExtendedKeyUsage = Extract<ObjectIdentifierName, "serverAuth" | "clientAuth">;

function extension(name: ObjectIdentifierName, critical: boolean, value: DerNode): DerNode {
  const flag = critical ? [booleanTrue()] : [];
  return sequence(objectIdentifier(name), ...flag, octetString(encodeDer(value)));
}

/** Basic constraints of an authority that may have `pathLength` authorities below it. */
export function authorityConstraints(pathLength: number): DerNode {
  return extension("basicConstraints", true, sequence(booleanTrue(), smallInteger(pathLength)));
}

/** Basic constraints of an end entity: cA is FALSE, by default. */
export function endEntityConstraints(): DerNode {
  return extension("basicConstraints", true, sequence());
}

/** Key usage. */
export function keyUsage(uses: readonly KeyUsage[]): DerNode {
  return extension("keyUsage", true, namedBits(uses.map((use) => keyUsageBits[use])));
}

/** Extended key usage. */
export function extendedKeyUsage(uses: readonly ExtendedKeyUsage[]): DerNode {
  return extension("extKeyUsage", false, sequence(...uses.map(objectIdentifier)));
}

/** Subject alternative names: DNS names and IP addresses. */
export function subjectAlternativeNames(hosts: readonly string[]): DerNode {
  return extension("subjectAltName", false, sequence(...hosts.map(generalName)));
}

/** Subject alternative names as GeneralNames; critical where the subject is empty (RFC 5280 §4.2.1.6). */
export function givenAlternativeNames(names: readonly DerNode[], critical: boolean): DerNode {
  return extension("subjectAltName", critical, sequence(...names));
}

/** Extended key usage as a client asks for it: the DER of the extension's value, checked by the caller. */
export function givenExtendedKeyUsage(value: DerNode): DerNode {
  return extension("extKeyUsage", false, value);
}

/** The identifier of a public key: the first 160 bits of SHA-256 over its bit string (RFC 7093 §2, method 1). */
export function keyIdentifier(publicKey: KeyObject): Buffer {
  const bitStringNode = childrenOf(splicedDer(subjectPublicKeyInfo(publicKey)))[1];
  if (bitStringNode === undefined) throw new CertificateError("The public key has no bit string");
  return Buffer.from(hash("sha256", bitStringContent(bitStringNode), "buffer")).subarray(0, 20);
}

/** Subject key identifier. */
export function subjectKeyIdentifier(identifier: Buffer): DerNode {
  return extension("subjectKeyIdentifier", false, octetString(identifier));
}

/** Authority key identifier. */
export function authorityKeyIdentifier(identifier: Buffer): DerNode {
  return extension("authorityKeyIdentifier", false, sequence(contextPrimitive(0, identifier)));
}

/** The number of a revocation list, from big-endian bytes (RFC 5280 §5.2.3). */
export function revocationListNumber(number: Buffer): DerNode {
  return extension("cRLNumber", false, unsignedInteger(number));
}

/** Why a certificate was revoked (RFC 5280 §5.3.1), in an entry of a revocation list. */
export function revocationReason(reason: DerNode): DerNode {
  return extension("cRLReason", false, reason);
}

function bitStringContent(node: DerNode): Buffer {
  const encoded = encodeDer(node);
  const lengthBytes = (encoded[1] ?? 0) < 0x80 ? 0 : (encoded[1] ?? 0) - 0x80;
  return encoded.subarray(2 + lengthBytes + 1);
}
