import { keyValueAttributes } from "../attributes/fields.js";
import type { AttributeInstance } from "../attributes/instance.js";
import { eitherOf } from "../schema/choice.js";
import { bigInteger, byteString, integer, textString, type ValueOf } from "../schema/codec.js";
import { optionalEnumeration, requiredEnumeration } from "../schema/enumeration.js";
import { optional, required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { ItemType } from "../ttlv/item.js";
import { V1_1 } from "../versions.js";
import { cryptographicParameters } from "./cryptographic-parameters.js";

/** Encryption Key Information (KMIP 2.1 §3.1). */
export const encryptionKeyInformation = structure("EncryptionKeyInformation", {
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
});

/** MAC/Signature Key Information (KMIP 2.1 §3.1). */
export const macSignatureKeyInformation = structure("MACSignatureKeyInformation", {
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
});

/** Key Wrapping Data (KMIP 2.1 §3.1): says how the Key Value beside it is wrapped. */
export const keyWrappingData = structure("KeyWrappingData", {
  wrappingMethod: requiredEnumeration(Tag.WrappingMethod),
  encryptionKeyInformation: optional(Tag.EncryptionKeyInformation, encryptionKeyInformation),
  macSignatureKeyInformation: optional(Tag.MACSignatureKeyInformation, macSignatureKeyInformation),
  macSignature: optional(Tag.MACSignature, byteString),
  ivCounterNonce: optional(Tag.IVCounterNonce, byteString),
  encodingOption: optionalEnumeration(Tag.EncodingOption, { since: V1_1 }),
});
export type KeyWrappingData = ValueOf<typeof keyWrappingData>;

/** Key Wrapping Specification (KMIP 2.1 §7.18): asks for a Key Value to be wrapped. */
export const keyWrappingSpecification = structure("KeyWrappingSpecification", {
  wrappingMethod: requiredEnumeration(Tag.WrappingMethod),
  encryptionKeyInformation: optional(Tag.EncryptionKeyInformation, encryptionKeyInformation),
  macSignatureKeyInformation: optional(Tag.MACSignatureKeyInformation, macSignatureKeyInformation),
  attributeNames: keyValueAttributes.names,
  encodingOption: optionalEnumeration(Tag.EncodingOption, { since: V1_1 }),
});
export type KeyWrappingSpecification = ValueOf<typeof keyWrappingSpecification>;

/**
 * Key Material of the transparent formats (KMIP 2.1 §3.3). One structure serves them all: which numbers stand in it
 * follows from the Key Format Type; the order of the fields suits every one of them.
 */
export const transparentKeyMaterial = structure("KeyMaterial", {
  key: optional(Tag.Key, byteString),
  recommendedCurve: optionalEnumeration(Tag.RecommendedCurve),
  modulus: optional(Tag.Modulus, bigInteger),
  privateExponent: optional(Tag.PrivateExponent, bigInteger),
  publicExponent: optional(Tag.PublicExponent, bigInteger),
  p: optional(Tag.P, bigInteger),
  q: optional(Tag.Q, bigInteger),
  g: optional(Tag.G, bigInteger),
  j: optional(Tag.J, bigInteger),
  x: optional(Tag.X, bigInteger),
  y: optional(Tag.Y, bigInteger),
  primeExponentP: optional(Tag.PrimeExponentP, bigInteger),
  primeExponentQ: optional(Tag.PrimeExponentQ, bigInteger),
  crtCoefficient: optional(Tag.CRTCoefficient, bigInteger),
  d: optional(Tag.D, bigInteger),
  qString: optional(Tag.QString, byteString),
});
export type TransparentKeyMaterial = ValueOf<typeof transparentKeyMaterial>;

/** Key Material: bytes for Raw, Opaque, PKCS#1, PKCS#8, X.509 and ECPrivateKey, a structure for transparent formats. */
export const keyMaterial = eitherOf<Buffer, TransparentKeyMaterial>(
  { type: ItemType.ByteString, codec: byteString, is: (value): value is Buffer => Buffer.isBuffer(value) },
  {
    type: ItemType.Structure,
    codec: transparentKeyMaterial,
    is: (value): value is TransparentKeyMaterial => !Buffer.isBuffer(value),
  },
);

/** A Key Value in plaintext (KMIP 2.1 §3.2). */
export const plainKeyValue = structure("KeyValue", {
  keyMaterial: required(Tag.KeyMaterial, keyMaterial),
  attributes: keyValueAttributes.values,
});

/** A Key Value in plaintext. */
export interface PlainKeyValue {
  readonly keyMaterial: Buffer | TransparentKeyMaterial;
  readonly attributes?: readonly AttributeInstance[];
}

/** Key Value: a structure in plaintext, a Byte String when wrapped. */
export const keyValue = eitherOf<PlainKeyValue, Buffer>(
  {
    type: ItemType.Structure,
    codec: plainKeyValue as never,
    is: (value): value is PlainKeyValue => !Buffer.isBuffer(value),
  },
  { type: ItemType.ByteString, codec: byteString, is: (value): value is Buffer => Buffer.isBuffer(value) },
);

/** Key Block (KMIP 2.1 §3.1). */
export const keyBlock = structure("KeyBlock", {
  keyFormatType: requiredEnumeration(Tag.KeyFormatType),
  keyCompressionType: optionalEnumeration(Tag.KeyCompressionType),
  keyValue: optional(Tag.KeyValue, keyValue),
  cryptographicAlgorithm: optionalEnumeration(Tag.CryptographicAlgorithm),
  cryptographicLength: optional(Tag.CryptographicLength, integer),
  keyWrappingData: optional(Tag.KeyWrappingData, keyWrappingData),
});
export type KeyBlock = ValueOf<typeof keyBlock>;
