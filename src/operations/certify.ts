import { attributes } from "#protocol/attributes/definitions.js";
import { LinkType, ObjectType, Operation, UniqueIdentifier } from "#protocol/enums/index.js";
import { type CertifyRequest, certifyRequest, certifyResponse } from "#protocol/payloads/certify.js";
import type { ObjectNaming } from "#protocol/structures/unique-identifier.js";
import { V2_0 } from "#protocol/versions.js";
import { changedAt, type ManagedObject } from "#src/objects/managed-object.js";
import { checkIsValid, namedAuthority, tenantAuthority } from "./certifying/authority.js";
import { contentFrom } from "./certifying/content.js";
import { authorityNamedBy, checkStorage, issued, usualValidity } from "./certifying/issuance.js";
import { checkSameKey, keyOf, subjectOf } from "./certifying/public-key.js";
import { requestIn } from "./certifying/request.js";
import { certificateWishes, checkCertificateType } from "./certifying/wishes.js";
import type { OperationContext } from "./contract/context.js";
import { defineOperation, placeholderFor } from "./contract/operation.js";
import { linked } from "./making/links.js";
import { acceptBrought } from "./making/requested.js";

/** Certify (KMIP 2.1 §6.1.6): a certificate for a public key, signed by the tenant's authority or one the client names. */
export const certify = defineOperation({
  code: Operation.Certify,
  name: "Certify",
  versions: {},
  request: certifyRequest,
  response: certifyResponse,
  permission: "create",
  oneXReasons: { InvalidObjectType: "PermissionDenied" },
  twoXReasons: { ObjectNotFound: "ItemNotFound" },
  placeholder: ({ uniqueIdentifier }) => placeholderFor(UniqueIdentifier.Certify, uniqueIdentifier),
  async run(context, request) {
    checkStorage(request.protectionStorageMasks);
    const { subject: wishes, others } = await certificateWishes(request.attributes);
    const requested = acceptBrought(context, ObjectType.Certificate, others);
    checkCertificateType(requested);
    const asked = await requestIn(request);
    const subject = await subjectOf(context, { naming: namingOf(context, request), request: asked });
    checkIsValid(subject.publicKey, context.now);
    const publicKey = await keyOf(subject.publicKey);
    await checkSameKey(subject.request, publicKey);
    const content = await contentFrom({
      publicKey,
      usageMask: subject.isNew ? undefined : subject.publicKey.attributes.get(attributes.cryptographicUsageMask),
      request: subject.request,
      wishes,
      former: undefined,
      fallbackName: nameFor(subject.publicKey),
    });
    const named = authorityNamedBy(requested);
    const signer = named === undefined ? await tenantAuthority(context) : await namedAuthority(context, named);
    const certificate = await issued(context, {
      signer,
      content,
      requested,
      publicKeyId: subject.publicKey.id,
      fromRequest: subject.request !== undefined,
      seconds: usualValidity,
    });
    context.changes.insert(certificate);
    const certified = linked(subject.publicKey, LinkType.CertificateLink, certificate.id);
    if (subject.isNew) context.changes.insert(certified);
    else context.changes.update(changedAt(certified, context.now));
    return { uniqueIdentifier: certificate.id };
  },
});

const idPlaceholder: ObjectNaming = { kind: "placeholder", operation: UniqueIdentifier.IDPlaceholder };

/**
 * What is to be certified: what the request names, or the ID placeholder. Since 2.0 a certificate request speaks for
 * itself; before, only where the placeholder is empty (KMIP 1.4 §4.7).
 */
function namingOf(context: OperationContext, request: CertifyRequest): ObjectNaming | undefined {
  const { uniqueIdentifier, certificateRequestValue } = request;
  if (uniqueIdentifier !== undefined) return uniqueIdentifier;
  if (certificateRequestValue === undefined) return idPlaceholder;
  return context.version < V2_0 && context.hasPlaceholder ? idPlaceholder : undefined;
}

/** The common name where nobody gives one: the first name of the public key, or its identifier. */
function nameFor({ id, attributes: set }: ManagedObject): string {
  return set.get(attributes.name)?.nameValue ?? id;
}
