import { type RequestForm, readCertificateRequest } from "#certs/certificate-request.js";
import type { CertificateRequest } from "#certs/proof-of-possession.js";
import { CertificateRequestType } from "#protocol/enums/index.js";
import { materialOf } from "#src/inventory/key-keeper.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { orRefuse } from "./refusal.js";

/** The forms of request that are read, by Certificate Request Type. */
const forms: ReadonlyMap<number, RequestForm> = new Map([
  [CertificateRequestType.PKCS_10, "pkcs-10"],
  [CertificateRequestType.PEM, "pem"],
  [CertificateRequestType.CRMF, "crmf"],
]);

/** The fields by which Certify and Re-certify carry a request. */
export interface RequestFields {
  readonly certificateRequestType?: number | undefined;
  readonly certificateRequestValue?: Buffer | undefined;
}

/** The certificate request in a payload, verified; undefined where there is none. Throws KmipError. */
export async function requestIn(fields: RequestFields): Promise<CertificateRequest | undefined> {
  const { certificateRequestType: type, certificateRequestValue: value } = fields;
  if (type === undefined && value === undefined) return undefined;
  if (type === undefined) throw new KmipError("InvalidField", "a certificate request needs a Certificate Request Type");
  if (value === undefined) throw new KmipError("InvalidField", "the request has a type, but no certificate request");
  return read(type, value);
}

/** The certificate request that an object holds, verified. Throws KmipError. */
export function requestOf(object: ManagedObject): Promise<CertificateRequest> {
  const { subtype, blob } = materialOf(object);
  return read(subtype ?? 0, blob);
}

async function read(type: number, value: Buffer): Promise<CertificateRequest> {
  const form = forms.get(type);
  if (form === undefined) throw new KmipError("FeatureNotSupported", "certificate requests of this type are not read");
  return orRefuse("InvalidCSR", () => readCertificateRequest(form, value));
}
