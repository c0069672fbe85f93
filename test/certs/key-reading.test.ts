import { generateKeyPairSync, X509Certificate } from "node:crypto";
import t from "tap";
import { CertificateError } from "#certs/errors.js";
import {
  certifiedKey,
  privateKeyFromDer,
  privateKeyFromPem,
  publicKeyFromDer,
  publicKeyFromPem,
} from "#certs/key-reading.js";
import { der, hostileCertificates } from "#test/support/hostile-certificates.js";

const hex = (digits: string): Buffer => Buffer.from(digits, "hex");
const p256 = hex("06082a8648ce3d030107");
const ecOn = (curve: Buffer): Buffer => der(0x30, hex("06072a8648ce3d0201"), curve);
const curves = { "P-256": p256, secp112r1: hex("06052b81040006"), sect163k1: hex("06052b81040001") };

/** SubjectPublicKeyInfo whose point is these octets. */
const publicOn = (curve: Buffer, octets: Buffer): Buffer => der(0x30, ecOn(curve), der(0x03, Buffer.of(0), octets));

/** PKCS#8 of an ECPrivateKey (RFC 5915), with the octets of its point where there are any. */
function privateOn(curve: Buffer, number: Buffer, octets?: Buffer): Buffer {
  const point = octets === undefined ? [] : [der(0xa1, der(0x03, Buffer.of(0), octets))];
  const key = der(0x30, hex("020101"), der(0x04, number), ...point);
  return der(0x30, hex("020100"), ecOn(curve), der(0x04, key));
}

const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString("base64")}\n-----END ${label}-----\n`;

t.test("a public key at infinity is no key, in any form and on any curve", async (t) => {
  for (const [name, curve] of Object.entries(curves)) {
    const infinite = publicOn(curve, Buffer.of(0));
    t.throws(() => publicKeyFromDer(infinite), CertificateError, name);
    t.throws(() => publicKeyFromPem(pem("PUBLIC KEY", infinite)), CertificateError, name);
  }
});

t.test("a private key beside a point at infinity, or longer than its curve, is no key", async (t) => {
  const refused = {
    "at infinity": privateOn(p256, Buffer.alloc(32, 1), Buffer.of(0)),
    "longer than a short curve": privateOn(curves.secp112r1, Buffer.alloc(32, 1)),
    "longer than a binary curve": privateOn(curves.sect163k1, Buffer.alloc(32, 0xff)),
  };
  for (const [name, pkcs8] of Object.entries(refused)) {
    t.throws(() => privateKeyFromDer(pkcs8), CertificateError, name);
    t.throws(() => privateKeyFromPem(pem("PRIVATE KEY", pkcs8)), CertificateError, name);
  }
});

t.test("the public key of a private key that is longer than its curve tells its details, or is refused", async (t) => {
  for (const [name, curve] of Object.entries(curves)) {
    const text = pem("PRIVATE KEY", privateOn(curve, Buffer.alloc(32, 0xff)));
    try {
      t.type(publicKeyFromPem(text).asymmetricKeyDetails, "object", name);
    } catch (error) {
      t.type(error, CertificateError, name);
    }
  }
});

t.test("the key of a certificate may be none", async (t) => {
  const odd = [...hostileCertificates()].filter(([name]) => name.startsWith("a point "));
  t.equal(odd.length, 5);
  for (const [name, bytes] of odd) t.throws(() => certifiedKey(new X509Certificate(bytes)), CertificateError, name);
});

t.test("keys that are keys are read, and told their details", async (t) => {
  for (const namedCurve of ["prime256v1", "secp521r1", "secp112r1", "sect163k1"]) {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve });
    const read = [
      publicKeyFromDer(publicKey.export({ type: "spki", format: "der" })),
      privateKeyFromDer(privateKey.export({ type: "pkcs8", format: "der" })),
    ];
    for (const key of read) t.equal(key.asymmetricKeyDetails?.namedCurve, namedCurve);
  }
});
