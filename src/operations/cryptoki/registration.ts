import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { CertificateType, CryptographicAlgorithm, KeyFormatType, ObjectType } from "#protocol/enums/index.js";
import type { KeyBlock, TransparentKeyMaterial } from "#protocol/structures/key-block.js";
import { curveByValue } from "#src/crypto/formats/curves.js";
import { bitLength, fromUnsigned } from "#src/crypto/formats/der.js";
import type { OperationContext } from "../contract/context.js";
import type { AttributeName } from "./attribute-types.js";
import { KeyKind, ObjectClass } from "./constants.js";
import { curveOfParameters, pointOf } from "./key-numbers.js";
import { Refusal } from "./outcome.js";
import { checkTemplate, requestedAttributes } from "./requested-attributes.js";
import type { Template } from "./templates.js";

/** What a template of C_CreateObject is as a Register request. */
export interface Registration {
  /** Whether there is key material that the custody of the tenant decides about. */
  readonly isKey: boolean;
  readonly request: object;
}

/** Opaque Data Type of data objects: KMIP leaves all its values to vendors (KMIP 2.1 §11.35). */
const dataObject = 0x80000001;

interface Shape {
  /** Attributes that make up the object, beside those that any of its class has. */
  readonly parts: readonly AttributeName[];
  readonly objectType: number;
  readonly isKey: boolean;
  fields(template: Template): { readonly object: object; readonly more?: readonly AttributeInstance[] };
}

const shapes: ReadonlyMap<number, Shape> = new Map<number, Shape>([
  [
    ObjectClass.data,
    {
      parts: ["VALUE"],
      objectType: ObjectType.OpaqueObject,
      isKey: false,
      fields: (template) => ({
        object: {
          opaqueObject: { opaqueDataType: dataObject, opaqueDataValue: template.demandBytes("VALUE") },
        },
      }),
    },
  ],
  [
    ObjectClass.certificate,
    {
      // The names and the number are those the certificate says itself.
      parts: ["VALUE", "CERTIFICATE_TYPE", "SUBJECT", "ISSUER", "SERIAL_NUMBER", "ID", "TRUSTED"],
      objectType: ObjectType.Certificate,
      isKey: false,
      fields: (template) => ({
        object: {
          certificate: {
            certificateType: CertificateType.X_509,
            certificateValue: template.demandBytes("VALUE"),
          },
        },
      }),
    },
  ],
  [
    ObjectClass.secretKey,
    { parts: ["VALUE", "VALUE_LEN"], objectType: ObjectType.SymmetricKey, isKey: true, fields: secretKey },
  ],
  [
    ObjectClass.publicKey,
    {
      parts: ["MODULUS", "MODULUS_BITS", "PUBLIC_EXPONENT", "EC_PARAMS", "EC_POINT"],
      objectType: ObjectType.PublicKey,
      isKey: false,
      fields: publicKey,
    },
  ],
  [
    ObjectClass.privateKey,
    {
      parts: [
        "MODULUS",
        "PUBLIC_EXPONENT",
        "PRIVATE_EXPONENT",
        "PRIME_1",
        "PRIME_2",
        "EXPONENT_1",
        "EXPONENT_2",
        "COEFFICIENT",
        "EC_PARAMS",
        "VALUE",
      ],
      objectType: ObjectType.PrivateKey,
      isKey: true,
      fields: privateKey,
    },
  ],
]);

/** Turns a template into a Register request. Throws Refusal and KmipError. */
export function registration(context: OperationContext, template: Template): Registration {
  const objectClass = template.number("CLASS");
  if (objectClass === undefined) throw new Refusal("TEMPLATE_INCOMPLETE");
  const shape = shapes.get(objectClass);
  if (shape === undefined) throw new Refusal("ATTRIBUTE_VALUE_INVALID");
  checkTemplate(template, objectClass, shape.parts);
  const { object, more } = shape.fields(template);
  const request = {
    objectType: shape.objectType,
    attributes: requestedAttributes(context, template, objectClass, more),
    ...object,
  };
  return { isKey: shape.isKey, request };
}

/** Secret keys: Cryptographic Algorithm by CK_KEY_TYPE, and bits that count for a byte. */
const secretKinds: ReadonlyMap<number, { readonly algorithm: number; readonly bits: number }> = new Map([
  [KeyKind.aes, { algorithm: CryptographicAlgorithm.AES, bits: 8 }],
  [KeyKind.des2, { algorithm: CryptographicAlgorithm.DES3, bits: 7 }],
  [KeyKind.des3, { algorithm: CryptographicAlgorithm.DES3, bits: 7 }],
  [KeyKind.generic, { algorithm: CryptographicAlgorithm.HMAC_SHA256, bits: 8 }],
]);

function secretKey(template: Template): { readonly object: object } {
  const kind = secretKinds.get(demandKind(template));
  if (kind === undefined) throw new Refusal("ATTRIBUTE_VALUE_INVALID");
  const value = template.demandBytes("VALUE");
  const length = template.number("VALUE_LEN");
  if (length !== undefined && length !== value.length) throw new Refusal("TEMPLATE_INCONSISTENT");
  const keyBlock = block(KeyFormatType.Raw, value, kind.algorithm, value.length * kind.bits);
  return { object: { symmetricKey: { keyBlock } } };
}

function demandKind(template: Template): number {
  const kind = template.number("KEY_TYPE");
  if (kind === undefined) throw new Refusal("TEMPLATE_INCOMPLETE");
  return kind;
}

function block(
  keyFormatType: number,
  keyMaterial: Buffer | TransparentKeyMaterial,
  cryptographicAlgorithm: number,
  cryptographicLength: number,
): KeyBlock {
  return {
    keyFormatType,
    keyValue: { keyMaterial, attributes: [] },
    cryptographicAlgorithm,
    cryptographicLength,
  };
}

function publicKey(template: Template) {
  const kind = demandKind(template);
  if (kind === KeyKind.rsa) {
    const modulus = fromUnsigned(template.demandBytes("MODULUS"));
    const publicExponent = fromUnsigned(template.demandBytes("PUBLIC_EXPONENT"));
    const format = KeyFormatType.TransparentRSAPublicKey;
    const keyBlock = block(format, { modulus, publicExponent }, CryptographicAlgorithm.RSA, bitsOf(modulus));
    return { object: { publicKey: { keyBlock } } };
  }
  if (kind !== KeyKind.ec) throw new Refusal("ATTRIBUTE_VALUE_INVALID");
  const { recommendedCurve, bits } = curveIn(template);
  const material = { recommendedCurve, qString: pointOf(template.demandBytes("EC_POINT")) };
  const keyBlock = block(KeyFormatType.TransparentECPublicKey, material, CryptographicAlgorithm.EC, bits);
  return { object: { publicKey: { keyBlock } }, more: domain(recommendedCurve) };
}

function privateKey(template: Template) {
  const kind = demandKind(template);
  if (kind === KeyKind.rsa) {
    const number = (name: AttributeName) => {
      const bytes = template.bytes(name);
      return bytes === undefined ? undefined : fromUnsigned(bytes);
    };
    const modulus = fromUnsigned(template.demandBytes("MODULUS"));
    const material: TransparentKeyMaterial = {
      modulus,
      privateExponent: fromUnsigned(template.demandBytes("PRIVATE_EXPONENT")),
      publicExponent: number("PUBLIC_EXPONENT"),
      p: number("PRIME_1"),
      q: number("PRIME_2"),
      primeExponentP: number("EXPONENT_1"),
      primeExponentQ: number("EXPONENT_2"),
      crtCoefficient: number("COEFFICIENT"),
    };
    const format = KeyFormatType.TransparentRSAPrivateKey;
    return {
      object: { privateKey: { keyBlock: block(format, material, CryptographicAlgorithm.RSA, bitsOf(modulus)) } },
    };
  }
  if (kind !== KeyKind.ec) throw new Refusal("ATTRIBUTE_VALUE_INVALID");
  const { recommendedCurve, bits } = curveIn(template);
  const material = { recommendedCurve, d: fromUnsigned(template.demandBytes("VALUE")) };
  const keyBlock = block(KeyFormatType.TransparentECPrivateKey, material, CryptographicAlgorithm.EC, bits);
  return { object: { privateKey: { keyBlock } }, more: domain(recommendedCurve) };
}

function bitsOf(modulus: bigint): number {
  return bitLength(modulus);
}

function curveIn(template: Template): { readonly recommendedCurve: number; readonly bits: number } {
  const recommendedCurve = curveOfParameters(template.demandBytes("EC_PARAMS"));
  return { recommendedCurve, bits: curveByValue(recommendedCurve)?.bits ?? 0 };
}

function domain(recommendedCurve: number): readonly AttributeInstance[] {
  return [{ name: attributes.cryptographicDomainParameters.name, value: { recommendedCurve } }];
}
