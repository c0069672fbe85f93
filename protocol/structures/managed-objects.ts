import { templateAttributes } from "../attributes/fields.js";
import { bigInteger, byteString, integer, type ValueOf } from "../schema/codec.js";
import { requiredEnumeration } from "../schema/enumeration.js";
import { optional, required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { V1_2, V1_4, V2_0 } from "../versions.js";
import { keyBlock } from "./key-block.js";

/** Certificate (KMIP 2.1 §2.1): the value is DER for X.509. */
export const certificate = structure("Certificate", {
  certificateType: requiredEnumeration(Tag.CertificateType),
  certificateValue: required(Tag.CertificateValue, byteString),
});

/** Certificate Request (KMIP 2.1 §2.2). */
export const certificateRequest = structure("CertificateRequest", {
  certificateRequestType: requiredEnumeration(Tag.CertificateRequestType),
  certificateRequestValue: required(Tag.CertificateRequestValue, byteString),
});

/** Opaque Object (KMIP 2.1 §2.3). */
export const opaqueObject = structure("OpaqueObject", {
  opaqueDataType: requiredEnumeration(Tag.OpaqueDataType),
  opaqueDataValue: required(Tag.OpaqueDataValue, byteString),
});

/** PGP Key (KMIP 2.1 §2.4). */
export const pgpKey = structure("PGPKey", {
  pgpKeyVersion: required(Tag.PGPKeyVersion, integer),
  keyBlock: required(Tag.KeyBlock, keyBlock),
});

/** Symmetric, Public and Private Key (KMIP 2.1 §2.5, §2.6, §2.9) are a Key Block each. */
export const symmetricKey = structure("SymmetricKey", { keyBlock: required(Tag.KeyBlock, keyBlock) });
export const publicKey = structure("PublicKey", { keyBlock: required(Tag.KeyBlock, keyBlock) });
export const privateKey = structure("PrivateKey", { keyBlock: required(Tag.KeyBlock, keyBlock) });

/** Secret Data (KMIP 2.1 §2.7). */
export const secretData = structure("SecretData", {
  secretDataType: requiredEnumeration(Tag.SecretDataType),
  keyBlock: required(Tag.KeyBlock, keyBlock),
});

/** What a Split Key says of itself beside its Key Block (KMIP 2.1 §2.8). */
const splitKeyFields = {
  splitKeyParts: required(Tag.SplitKeyParts, integer),
  keyPartIdentifier: required(Tag.KeyPartIdentifier, integer),
  splitKeyThreshold: required(Tag.SplitKeyThreshold, integer),
  splitKeyMethod: requiredEnumeration(Tag.SplitKeyMethod),
  primeFieldSize: optional(Tag.PrimeFieldSize, bigInteger),
};

/** Split Key (KMIP 2.1 §2.8). */
export const splitKey = structure("SplitKey", { ...splitKeyFields, keyBlock: required(Tag.KeyBlock, keyBlock) });

/** A Split Key without its Key Block: the form in which these facts are kept. */
export const splitKeyFacts = structure("SplitKey", splitKeyFields);

/** Template (KMIP 1.4 §2.2.6). */
export const template = structure("Template", { attributes: templateAttributes });

/** The fields of which a payload that carries an object has exactly one. */
export const managedObjectFields = {
  certificate: optional(Tag.Certificate, certificate),
  symmetricKey: optional(Tag.SymmetricKey, symmetricKey),
  privateKey: optional(Tag.PrivateKey, privateKey),
  publicKey: optional(Tag.PublicKey, publicKey),
  splitKey: optional(Tag.SplitKey, splitKey),
  template: optional(Tag.Template, template, { until: V1_4 }),
  secretData: optional(Tag.SecretData, secretData),
  opaqueObject: optional(Tag.OpaqueObject, opaqueObject),
  pgpKey: optional(Tag.PGPKey, pgpKey, { since: V1_2 }),
  certificateRequest: optional(Tag.CertificateRequest, certificateRequest, { since: V2_0 }),
};

export type Certificate = ValueOf<typeof certificate>;
export type CertificateRequest = ValueOf<typeof certificateRequest>;
export type OpaqueObject = ValueOf<typeof opaqueObject>;
export type PgpKey = ValueOf<typeof pgpKey>;
export type SecretData = ValueOf<typeof secretData>;
export type SplitKey = ValueOf<typeof splitKey>;
export type SplitKeyFacts = ValueOf<typeof splitKeyFacts>;
export type SymmetricKey = ValueOf<typeof symmetricKey>;
