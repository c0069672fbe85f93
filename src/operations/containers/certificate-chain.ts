import { attributes } from "#protocol/attributes/definitions.js";
import { CertificateType, LinkType, ObjectType } from "#protocol/enums/index.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";
import { linkOf } from "../making/links.js";

/** The longest chain of certificates that is followed or taken in. */
export const longestChain = 16;

function notInContainer(message: string): KmipError {
  return new KmipError("KeyFormatTypeNotSupported", message);
}

/** The one certificate that an object links to as its own or its issuer's; undefined where it links to none. */
async function nextCertificate(
  { inventory, demandOwner }: OperationContext,
  { attributes: set }: ManagedObject,
): Promise<ManagedObject | undefined> {
  const links = set.values(attributes.link);
  const [identifier, ...more] =
    [LinkType.PKCS_12CertificateLink, LinkType.CertificateLink]
      .map((type) => links.filter(({ linkType }) => linkType === type))
      .find((found) => found.length > 0)
      ?.map(({ linkedObjectIdentifier: named }) => (named.kind === "identifier" ? named.identifier : "")) ?? [];
  if (more.length > 0) throw notInContainer("there is more than one certificate chain");
  if (identifier === undefined) return undefined;
  const certificate = await inventory.find(identifier);
  const material = certificate?.material;
  const isX509 = certificate?.objectType === ObjectType.Certificate && material?.subtype === CertificateType.X_509;
  if (!isX509 || certificate.attributes.has(attributes.archiveDate.name)) {
    throw notInContainer("a link of the certificate chain names no X.509 certificate that is here");
  }
  await demandOwner(certificate);
  return certificate;
}

/**
 * The certificates of a private key's chain, its own first: by its link to a certificate, or that of its public key, and
 * from there on by the link of each certificate (KMIP 2.1 §6.1.19). Throws KmipError where there is more than one chain.
 */
export async function chainOf(context: OperationContext, start: ManagedObject): Promise<readonly Buffer[]> {
  const publicId = linkOf(start, LinkType.PublicKeyLink);
  const publicKey = publicId === undefined ? undefined : await context.inventory.find(publicId);
  let next = await nextCertificate(context, start);
  if (next === undefined && publicKey !== undefined) next = await nextCertificate(context, publicKey);
  const chain = new Map<string, Buffer>();
  while (next !== undefined && !chain.has(next.id)) {
    if (chain.size >= longestChain) throw notInContainer(`a certificate chain has at most ${longestChain} links`);
    chain.set(next.id, next.material?.blob ?? Buffer.alloc(0));
    next = await nextCertificate(context, next);
  }
  return [...chain.values()];
}
