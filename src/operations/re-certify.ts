import type { X509Certificate } from "node:crypto";
import { certificateFields, readCertificate } from "#certs/certificate-fields.js";
import { certifiedKey } from "#certs/key-reading.js";
import type { CertificateRequest } from "#certs/proof-of-possession.js";
import { validityOf } from "#certs/times.js";
import { attributes } from "#protocol/attributes/definitions.js";
import { CertificateType, LinkType, ObjectType, Operation, UniqueIdentifier } from "#protocol/enums/index.js";
import { type ReCertifyRequest, reCertifyRequest, reCertifyResponse } from "#protocol/payloads/re-certify.js";
import { materialOf } from "#src/inventory/key-keeper.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { isDestroyed } from "#src/objects/lifecycle.js";
import { changedAt, type ManagedObject } from "#src/objects/managed-object.js";
import { formerAuthority, namedAuthority } from "./certifying/authority.js";
import { contentFrom } from "./certifying/content.js";
import { authorityNamedBy, checkStorage, issued } from "./certifying/issuance.js";
import { checkSameKey } from "./certifying/public-key.js";
import { orRefuse } from "./certifying/refusal.js";
import { requestIn, requestOf } from "./certifying/request.js";
import { certificateWishes, checkCertificateType } from "./certifying/wishes.js";
import type { OperationContext } from "./contract/context.js";
import { defineOperation, placeholderFor } from "./contract/operation.js";
import { linked, linkOf, relinked } from "./making/links.js";
import { replaced, replacementAttributes, replacing } from "./making/replacement.js";
import { acceptGiven } from "./making/requested.js";

/** Re-certify (KMIP 2.1 §6.1.45): a new certificate for the key of an old one, which keeps its state and loses its names. */
export const reCertify = defineOperation({
  code: Operation.ReCertify,
  name: "Re-certify",
  versions: {},
  request: reCertifyRequest,
  response: reCertifyResponse,
  permission: "create",
  oneXReasons: { InvalidObjectType: "PermissionDenied" },
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.Certificate]),
  },
  placeholder: ({ uniqueIdentifier }) => placeholderFor(UniqueIdentifier.ReCertify, uniqueIdentifier),
  async run(context, request) {
    const { target, now, changes } = context;
    checkStorage(request.protectionStorageMasks);
    const former = await certificateOf(target);
    const { subject: wishes, others } = await certificateWishes(request.attributes);
    const { objectType, attributes: old } = target;
    const given = acceptGiven(objectType, others);
    checkCertificateType(given);
    const requested = replacementAttributes({ objectType, old, given }, { now, offset: request.offset });
    const asked = await requestFor(context, request);
    const publicKey = await orRefuse("PermissionDenied", () => certifiedKey(former));
    await checkSameKey(asked, publicKey);
    const content = await contentFrom({
      publicKey,
      usageMask: undefined,
      request: asked,
      wishes,
      former: await orRefuse("PermissionDenied", () => certificateFields(former)),
      fallbackName: target.id,
    });
    const named = authorityNamedBy(given);
    const publicObject = await publicKeyOf(context, target);
    const made = await issued(context, {
      signer: named === undefined ? await formerAuthority(context, target) : await namedAuthority(context, named),
      content,
      requested,
      publicKeyId: publicObject?.id,
      fromRequest: asked !== undefined,
      seconds: lifetimeOf(former),
    });
    changes.update(replaced(target, made.id, now));
    changes.insert(replacing(made, target));
    if (publicObject !== undefined) changes.update(changedAt(recertified(publicObject, target.id, made.id), now));
    return { uniqueIdentifier: made.id };
  },
});

async function certificateOf(target: ManagedObject): Promise<X509Certificate> {
  const { subtype, blob } = materialOf(target);
  if (subtype !== CertificateType.X_509) {
    throw new KmipError("PermissionDenied", "only X.509 certificates are renewed here");
  }
  return orRefuse("PermissionDenied", () => readCertificate(blob));
}

/** How long a certificate is good for, in seconds. */
function lifetimeOf(certificate: X509Certificate): number {
  const { notBefore, notAfter } = validityOf(certificate);
  return (notAfter.getTime() - notBefore.getTime()) / 1000;
}

/** The certificate request in the payload or in the object it names. */
async function requestFor(
  context: OperationContext,
  request: ReCertifyRequest,
): Promise<CertificateRequest | undefined> {
  const inside = await requestIn(request);
  const naming = request.certificateRequestUniqueIdentifier;
  if (naming === undefined) return inside;
  if (inside !== undefined) {
    throw new KmipError("InvalidField", "the request holds a certificate request and names another one");
  }
  return requestOf(await context.named(naming, { objectTypes: new Set([ObjectType.CertificateRequest]) }));
}

/** The Public Key object of a certificate, as long as it is there. */
async function publicKeyOf(context: OperationContext, target: ManagedObject): Promise<ManagedObject | undefined> {
  const id = linkOf(target, LinkType.PublicKeyLink);
  const object = id === undefined ? undefined : await context.inventory.find(id);
  return object === undefined || isDestroyed(object.attributes.get(attributes.state)) ? undefined : object;
}

/** The public key with its link to the old certificate made to name the new one. */
function recertified(publicKey: ManagedObject, from: string, to: string): ManagedObject {
  const links = publicKey.attributes.values(attributes.link);
  const isLinked = links.some(
    ({ linkType, linkedObjectIdentifier: named }) =>
      linkType === LinkType.CertificateLink && named.kind === "identifier" && named.identifier === from,
  );
  if (!isLinked) return linked(publicKey, LinkType.CertificateLink, to);
  return relinked(publicKey, LinkType.CertificateLink, { from, to });
}
