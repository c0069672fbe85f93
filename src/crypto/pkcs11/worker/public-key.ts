import type { JsonWebKey, KeyObject } from "node:crypto";
import pkcs11js from "pkcs11js";
import { publicKeyFromDer, publicKeyFromJwk } from "#certs/key-reading.js";
import type { CurveName, KeyReference } from "../../port.js";
import { invalidData } from "./errors.js";
import { CURVES, identity, keyTypeCode, permittedUsages, usageAttributes } from "./templates.js";
import type { Token } from "./token.js";

const OCTET_STRING = 0x04;
const UNCOMPRESSED_POINT = 0x04;
const LONG_LENGTH = 0x81;

function parse(publicKey: Buffer): JsonWebKey {
  try {
    return publicKeyFromDer(publicKey).export({ format: "jwk" });
  } catch (cause) {
    throw invalidData(`not a public key: ${cause instanceof Error ? cause.message : "unknown error"}`);
  }
}

function bytes(value: string | undefined): Buffer {
  if (value === undefined) {
    throw invalidData("the public key lacks a component");
  }
  return Buffer.from(value, "base64url");
}

function isCurve(name: string | undefined): name is CurveName {
  return name !== undefined && name in CURVES;
}

/** The curve of an EC public key in SubjectPublicKeyInfo DER. */
export function curveOf(publicKey: Buffer): CurveName {
  const { crv } = parse(publicKey);
  if (!isCurve(crv)) {
    throw invalidData("not a public key on a supported curve");
  }
  return crv;
}

function octetString(content: Buffer): Buffer {
  const length = content.length < 0x80 ? [content.length] : [LONG_LENGTH, content.length];
  return Buffer.concat([Buffer.from([OCTET_STRING, ...length]), content]);
}

function uncompressed(key: JsonWebKey): Buffer {
  return Buffer.concat([Buffer.from([UNCOMPRESSED_POINT]), bytes(key.x), bytes(key.y)]);
}

/** Curve and uncompressed point (SEC 1 §2.3.3) of an EC public key in SubjectPublicKeyInfo DER. */
export function ecPointOf(publicKey: Buffer): { readonly curve: CurveName; readonly point: Buffer } {
  const key = parse(publicKey);
  if (!isCurve(key.crv)) throw invalidData("not a public key on a supported curve");
  return { curve: key.crv, point: uncompressed(key) };
}

function components(key: JsonWebKey): pkcs11js.Template {
  if (key.kty === "RSA") {
    return [
      { type: pkcs11js.CKA_MODULUS, value: bytes(key.n) },
      { type: pkcs11js.CKA_PUBLIC_EXPONENT, value: bytes(key.e) },
    ];
  }
  if (key.kty === "EC" && isCurve(key.crv)) {
    const point = uncompressed(key);
    return [
      { type: pkcs11js.CKA_EC_PARAMS, value: Buffer.from(CURVES[key.crv].parameters, "hex") },
      { type: pkcs11js.CKA_EC_POINT, value: octetString(point) },
    ];
  }
  throw invalidData("a public key is either RSA or on a supported curve");
}

/** Brings a public key into the token as a session object. */
export function openPublicKey(token: Token, key: KeyReference): pkcs11js.Handle {
  const parsed = parse(key.material);
  if ((parsed.kty === "RSA" ? "rsa" : "ec") !== key.keyType) {
    throw invalidData("the public key is of another type than its reference says");
  }
  return token.module.C_CreateObject(token.keeperSession, [
    ...identity("public", keyTypeCode(key.keyType, 0)),
    { type: pkcs11js.CKA_TOKEN, value: false },
    ...usageAttributes("public", permittedUsages(key.keyType, "public", undefined)),
    ...components(parsed),
  ]);
}

function encode(key: KeyObject): Buffer {
  return key.export({ format: "der", type: "spki" });
}

/** SubjectPublicKeyInfo DER of an RSA public key object. */
export function exportRsaPublicKey(token: Token, handle: pkcs11js.Handle): Buffer {
  const [modulus, exponent] = token.attributes(handle, [pkcs11js.CKA_MODULUS, pkcs11js.CKA_PUBLIC_EXPONENT]);
  const jwk = { kty: "RSA", n: modulus?.toString("base64url") ?? "", e: exponent?.toString("base64url") ?? "" };
  return encode(publicKeyFromJwk(jwk));
}

/** SubjectPublicKeyInfo DER of an EC public key object on a curve. */
export function exportEcPublicKey(token: Token, handle: pkcs11js.Handle, curve: CurveName): Buffer {
  const [point] = token.attributes(handle, [pkcs11js.CKA_EC_POINT]);
  const width = CURVES[curve].coordinateLength;
  const bare = point?.subarray(-(2 * width + 1));
  if (bare === undefined || bare.length !== 2 * width + 1 || bare[0] !== UNCOMPRESSED_POINT) {
    throw invalidData("the token gave no uncompressed point");
  }
  const x = bare.subarray(1, 1 + width).toString("base64url");
  const y = bare.subarray(1 + width).toString("base64url");
  return encode(publicKeyFromJwk({ kty: "EC", crv: curve, x, y }));
}
