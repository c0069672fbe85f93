import { curveByIdentifier, curveTable } from "#src/crypto/formats/curves.js";
import { bitLength, DerReader, DerTag, element, identifierElement, toUnsigned } from "#src/crypto/formats/der.js";
import { readSubjectPublicKeyInfo } from "#src/crypto/formats/envelopes.js";
import { readRsaPublicKey } from "#src/crypto/formats/rsa.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { AttributeName } from "./attribute-types.js";
import { Refusal } from "./outcome.js";
import type { AttributeValue } from "./templates.js";

type Values = readonly (readonly [AttributeName, AttributeValue])[];

/** CKA_EC_PARAMS of a curve by its Recommended Curve; undefined for curves that are not known. */
export function curveParameters(recommendedCurve: number | undefined): Buffer | undefined {
  const curve = curveTable.find((each) => each.recommendedCurve === recommendedCurve);
  return curve === undefined ? undefined : identifierElement(curve.identifier);
}

/** The Recommended Curve of CKA_EC_PARAMS. Throws Refusal. */
export function curveOfParameters(parameters: Buffer): number {
  const curve = curveByIdentifier(unwrapped(parameters, DerTag.ObjectIdentifier, "CURVE_NOT_SUPPORTED"));
  if (curve === undefined) throw new Refusal("CURVE_NOT_SUPPORTED");
  return curve.recommendedCurve;
}

/** The point inside the OCTET STRING of CKA_EC_POINT. Throws Refusal. */
export function pointOf(attribute: Buffer): Buffer {
  return unwrapped(attribute, DerTag.OctetString, "ATTRIBUTE_VALUE_INVALID");
}

function unwrapped(der: Buffer, tag: number, otherwise: "CURVE_NOT_SUPPORTED" | "ATTRIBUTE_VALUE_INVALID"): Buffer {
  try {
    const reader = new DerReader(der, "attribute");
    const content = reader.take(tag);
    reader.end();
    return content;
  } catch (error) {
    if (error instanceof KmipError) throw new Refusal(otherwise);
    throw error;
  }
}

/** The numbers of a public key, from its SubjectPublicKeyInfo. */
export function publicNumbers(subjectPublicKeyInfo: Buffer): Values {
  const { algorithm, key } = readSubjectPublicKeyInfo(subjectPublicKeyInfo);
  if (algorithm.name === "ec") {
    return [
      ["EC_PARAMS", identifierElement(algorithm.curve.identifier)],
      ["EC_POINT", element(DerTag.OctetString, Buffer.from(key))],
    ];
  }
  if (algorithm.name !== "rsa") return [];
  const { modulus, publicExponent } = readRsaPublicKey(key);
  const bytes = toUnsigned(modulus);
  return [
    ["MODULUS", bytes],
    ["MODULUS_BITS", bitLength(modulus)],
    ["PUBLIC_EXPONENT", toUnsigned(publicExponent)],
  ];
}
