import type { X509Certificate } from "node:crypto";
import { readCertificate } from "#certs/certificate-fields.js";
import { longestPath, type PathCertificate, type Verdict, validateChain } from "#certs/path-validation.js";
import { CertificateType, ObjectType, Operation, ValidityIndicator } from "#protocol/enums/index.js";
import { type ValidateRequest, validateRequest, validateResponse } from "#protocol/payloads/validate.js";
import type { Certificate } from "#protocol/structures/managed-objects.js";
import type { ObjectNaming } from "#protocol/structures/unique-identifier.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { orRefuse } from "./certifying/refusal.js";
import { isRevoked, storedIssuers, x509Of } from "./certifying/stored-certificates.js";
import type { OperationContext } from "./contract/context.js";
import { defineOperation } from "./contract/operation.js";

const indicators: Readonly<Record<Verdict, number>> = {
  valid: ValidityIndicator.Valid,
  invalid: ValidityIndicator.Invalid,
  unknown: ValidityIndicator.Unknown,
};

/** Validate (KMIP 2.1 §6.1.57): whether certificates of the request and of the tenant are a valid chain. */
export const validate = defineOperation({
  code: Operation.Validate,
  name: "Validate",
  versions: {},
  request: validateRequest,
  response: validateResponse,
  permission: "read",
  oneXReasons: { InvalidObjectType: "InvalidMessage" },
  async run(context, request) {
    const given = await chainOf(context, request);
    const at = request.validityDate ?? context.now;
    const verdict = await validateChain({
      given,
      issuersNamed: (subject) => storedIssuers(context, subject),
      isRevoked: (certificate) => isRevoked(context, certificate, at),
      at: new Date(at * 1000),
    });
    return { validityIndicator: indicators[verdict] };
  },
});

/** The certificates of the request, and those it names. */
async function chainOf(context: OperationContext, request: ValidateRequest): Promise<readonly PathCertificate[]> {
  const { certificates, uniqueIdentifiers } = request;
  const count = certificates.length + uniqueIdentifiers.length;
  if (count === 0) throw new KmipError("InvalidMessage", "the request names no certificates");
  if (count > longestPath) throw new KmipError("InvalidField", `a chain has ${longestPath} certificates at most`);
  const inside = await Promise.all(certificates.map(brought));
  const stored = await Promise.all(uniqueIdentifiers.map((naming) => kept(context, naming)));
  return [...inside, ...stored];
}

/** A path may end at a certificate of the request that signed itself. */
async function brought({ certificateType, certificateValue }: Certificate): Promise<PathCertificate> {
  if (certificateType !== CertificateType.X_509) throw unsupported();
  const certificate = await orRefuse("InvalidField", () => readCertificate(certificateValue));
  return { certificate, isAnchor: isSelfIssued(certificate) };
}

/** A path may end at a stored certificate that signed itself, or is an authority's. */
async function kept(context: OperationContext, naming: ObjectNaming): Promise<PathCertificate> {
  const object = await context.named(naming, { objectTypes: new Set([ObjectType.Certificate]) });
  const certificate = x509Of(object);
  if (certificate === undefined) throw unsupported();
  return { certificate, isAnchor: certificate.ca || isSelfIssued(certificate) };
}

function isSelfIssued({ subject, issuer }: X509Certificate): boolean {
  return subject === issuer;
}

function unsupported(): KmipError {
  return new KmipError("FeatureNotSupported", "only X.509 certificates are validated");
}
