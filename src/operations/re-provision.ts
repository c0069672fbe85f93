import { privateKeyFromPem } from "#certs/key-reading.js";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  CertificateType,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  KeyFormatType,
  LinkType,
  ObjectType,
  Operation,
} from "#protocol/enums/index.js";
import { type ReProvisionRequest, reProvisionRequest, reProvisionResponse } from "#protocol/payloads/re-provision.js";
import { V2_0 } from "#protocol/versions.js";
import { certificateRow } from "#src/access/certificate-row.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { change } from "#storage/changes.js";
import { requestIn } from "./certifying/request.js";
import type { OperationContext } from "./contract/context.js";
import { defineOperation } from "./contract/operation.js";
import { register } from "./register.js";

/**
 * Re-Provision (KMIP 2.1 §6.1.48): another certificate for the client that asks, in the place of the one it shows, which
 * is revoked with it. The new one is made for a certificate request, brought, or made with a new key, and kept as an
 * object of the tenant.
 */
export const reProvision = defineOperation({
  code: Operation.ReProvision,
  name: "Re-Provision",
  versions: { since: V2_0 },
  request: reProvisionRequest,
  response: reProvisionResponse,
  permission: "create",
  asynchrony: "never",
  async run(context, request) {
    const { caller } = context.request;
    if (caller.certificateFingerprint === null || caller.ticket?.kind === "delegated") {
      throw new KmipError("PermissionDenied", "only a client that shows its own certificate gets another one");
    }
    if (request.certificate !== undefined && request.certificateRequest !== undefined) {
      throw new KmipError("InvalidField", "there are both a certificate and a certificate request");
    }
    const { pem, privateKeyPem } = await newCertificate(context, request);
    replaceCertificate(context, caller.certificateFingerprint, pem);
    const certificateId = await keepCertificate(context, pem);
    if (privateKeyPem === undefined) return { uniqueIdentifier: certificateId };
    return { uniqueIdentifier: await keepPrivateKey(context, privateKeyPem, certificateId) };
  },
});

interface NewCertificate {
  readonly pem: string;
  /** PKCS #8, where the server made the key. */
  readonly privateKeyPem?: string;
}

async function newCertificate(
  { request, deployment }: OperationContext,
  { certificate, certificateRequest }: ReProvisionRequest,
): Promise<NewCertificate> {
  const { clientName, tenantName } = request.caller;
  const { clientCertificates } = deployment;
  if (certificate !== undefined) {
    const { certificateType, certificateValue } = certificate;
    if (certificateType !== CertificateType.X_509) {
      throw new KmipError("InvalidField", "clients show X.509 certificates");
    }
    const pem = verified(() => clientCertificates.accepted(certificateValue, clientName, tenantName));
    if (pem === undefined) {
      throw new KmipError("CryptographicFailure", "the certificate is not one of this server's for this client");
    }
    return { pem };
  }
  if (certificateRequest !== undefined) {
    const { certificateRequestType, certificateRequestValue } = certificateRequest;
    const asked = await provenRequest({ certificateRequestType, certificateRequestValue });
    return { pem: verified(() => clientCertificates.issueFor(clientName, tenantName, asked)) };
  }
  const { certificatePem, privateKeyPem } = await clientCertificates.issueWithKey(clientName, tenantName);
  return { pem: certificatePem, privateKeyPem };
}

/** The public key of a request that its key has signed. Throws KmipError `CryptographicFailure`. */
async function provenRequest(fields: Parameters<typeof requestIn>[0]): Promise<Buffer> {
  try {
    const request = await requestIn(fields);
    if (request !== undefined) return request.publicKey;
  } catch (error) {
    if (!(error instanceof KmipError) || error.reason !== "InvalidCSR") throw error;
    throw new KmipError("CryptographicFailure", error.message, { cause: error });
  }
  throw new KmipError("InvalidField", "there is no certificate request");
}

/** What OpenSSL cannot read of a client's bytes is the client's fault. */
function verified<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new KmipError("CryptographicFailure", "the certificate or its key cannot be read", { cause: error });
  }
}

/** Registers the new certificate and revokes the old one, in one step with everything else of the item. */
function replaceCertificate(
  { request, tenantId, changes, deployment, note }: OperationContext,
  old: string,
  pem: string,
): void {
  const row = certificateRow({ id: request.caller.clientId, tenantId }, pem);
  if (row.fingerprint === old) throw new KmipError("InvalidField", "the certificate is the one that is to be replaced");
  note({ fingerprint: row.fingerprint });
  changes.add(change("clients", "addCertificate", row));
  changes.add(change("clients", "setCertificateState", tenantId, old, "revoked"));
  changes.afterCommit(() => deployment.registrationsChanged());
}

async function keepCertificate(context: OperationContext, pem: string): Promise<string> {
  const { uniqueIdentifier } = await context.perform<{ uniqueIdentifier: string }>(register, {
    objectType: ObjectType.Certificate,
    attributes: { attributes: [], templates: [] },
    certificate: { certificateType: CertificateType.X_509, certificateValue: derOf(pem) },
  });
  return uniqueIdentifier;
}

async function keepPrivateKey(context: OperationContext, pem: string, certificateId: string): Promise<string> {
  const keyMaterial = privateKeyFromPem(pem).export({ format: "der", type: "pkcs8" });
  const link = {
    linkType: LinkType.CertificateLink,
    linkedObjectIdentifier: { kind: "identifier", identifier: certificateId },
  };
  const asked = [
    { name: attributes.cryptographicUsageMask.name, value: CryptographicUsageMask.Sign },
    { name: attributes.link.name, value: link },
  ];
  const { uniqueIdentifier } = await context.perform<{ uniqueIdentifier: string }>(register, {
    objectType: ObjectType.PrivateKey,
    attributes: { attributes: asked, templates: [] },
    privateKey: {
      keyBlock: {
        keyFormatType: KeyFormatType.PKCS_8,
        keyValue: { keyMaterial },
        cryptographicAlgorithm: CryptographicAlgorithm.ECDSA,
        cryptographicLength: 256,
      },
    },
  });
  keyMaterial.fill(0);
  return uniqueIdentifier;
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64");
}
