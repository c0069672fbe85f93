import { CertificateError } from "#certs/errors.js";
import type { Pkcs12Content } from "#certs/pkcs12.js";
import { readPkcs12 } from "#certs/pkcs12-reading.js";
import { attributes } from "#protocol/attributes/definitions.js";
import { CertificateType, KeyFormatType, LinkType, ObjectType } from "#protocol/enums/index.js";
import type { KeyBlock } from "#protocol/structures/key-block.js";
import { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { newObject } from "#src/objects/new-object.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { OperationContext } from "../contract/context.js";
import { certificateAttributes } from "../making/certificate.js";
import { sha256 } from "../making/digests.js";
import { linked } from "../making/links.js";
import { longestChain } from "./certificate-chain.js";
import { containerPassword } from "./password.js";

/** What a container held, ready to be kept as a private key. */
export interface TakenContainer {
  /** The key in PKCS#8; the caller zeroes it when it is in custody. */
  readonly keyBlock: KeyBlock;
  /** The attributes of the request with the friendly name, and the link to the first of the certificates. */
  readonly set: AttributeSet;
  /** SHA-256 of the container. */
  readonly digest: Buffer;
}

/** The bytes of a container: the Key Value itself, or the Key Material in it. */
function containerBytes({ keyValue }: KeyBlock): Buffer {
  const bytes = keyValue === undefined || Buffer.isBuffer(keyValue) ? keyValue : keyValue.keyMaterial;
  if (Buffer.isBuffer(bytes)) return bytes;
  throw new KmipError("InvalidField", "a PKCS#12 container is bytes");
}

/**
 * Opens a PKCS#12 container that a client brings, with the password its attributes link to. Its certificates become
 * objects of their own, linked from the key on: that is how a Get finds them again (KMIP 2.1 §4.39, §6.1.19).
 * Throws KmipError and CryptoError.
 */
export async function takeContainer(
  context: OperationContext,
  requested: AttributeSet,
  block: KeyBlock,
): Promise<TakenContainer> {
  const container = containerBytes(block);
  const password = await containerPassword(context, requested);
  const content = await opened(container, password, requested.get(attributes.pkcs12FriendlyName));
  const { privateKey, certificates } = content;
  if (privateKey === undefined) throw new KmipError("InvalidField", "the PKCS#12 container holds no private key");
  if (certificates.length > longestChain) {
    throw new KmipError("InvalidField", `at most ${longestChain} certificates are taken in`);
  }
  const first = keepCertificates(context, certificates);
  const { cryptographicAlgorithm, cryptographicLength } = block;
  return {
    keyBlock: {
      keyFormatType: KeyFormatType.PKCS_8,
      keyValue: { keyMaterial: privateKey },
      cryptographicAlgorithm,
      cryptographicLength,
    },
    set: withFacts(requested, content, first),
    digest: sha256(container),
  };
}

async function opened(container: Buffer, password: string, friendlyName: string | undefined): Promise<Pkcs12Content> {
  try {
    return await readPkcs12(container, password, friendlyName);
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause;
    throw new KmipError("InvalidField", "the PKCS#12 container does not open", { cause });
  }
}

function withFacts(requested: AttributeSet, { friendlyName }: Pkcs12Content, first: string | undefined): AttributeSet {
  const named =
    requested.has(attributes.pkcs12FriendlyName.name) || friendlyName === undefined
      ? requested
      : requested.with(attributes.pkcs12FriendlyName, friendlyName);
  const isLinked = named.values(attributes.link).some(({ linkType }) => linkType === LinkType.PKCS_12CertificateLink);
  if (first === undefined || isLinked) return named;
  const linkedObjectIdentifier = { kind: "identifier", identifier: first };
  return named.adding(attributes.link.name, { linkType: LinkType.PKCS_12CertificateLink, linkedObjectIdentifier });
}

/** Gives the identifier of the first certificate. */
function keepCertificates({ tenantId, now, changes }: OperationContext, list: readonly Buffer[]): string | undefined {
  const objects = list.map((value) => certificateObject(tenantId, now, value));
  for (const [index, object] of objects.entries()) {
    const next = objects[index + 1];
    changes.insert(next === undefined ? object : linked(object, LinkType.PKCS_12CertificateLink, next.id));
  }
  return objects[0]?.id;
}

function certificateObject(tenantId: string, now: number, value: Buffer): ManagedObject {
  const type = CertificateType.X_509;
  const { set, algorithm, length } = certificateAttributes(new AttributeSet(), type, value);
  return newObject({
    tenantId,
    id: newIdentifier(),
    objectType: ObjectType.Certificate,
    now,
    requested: set,
    material: {
      form: "certificate",
      custody: "wrapped",
      keyType: "generic",
      blob: value,
      keyEncryptionKeyVersion: 0,
      keyFormatType: KeyFormatType.X_509,
      subtype: type,
    },
    digest: sha256(value),
    digestFormat: KeyFormatType.X_509,
    algorithm,
    length,
  });
}
