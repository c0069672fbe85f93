import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createCertificateAuthority, issueClientCertificate } from "#certs/certificates.js";
import {
  bitString,
  contextConstructed,
  derNull,
  encodeDer,
  objectIdentifier,
  octetString,
  sequence,
  smallInteger,
} from "#certs/der.js";
import { CertificateError } from "#certs/errors.js";
import { derOfPem } from "#certs/pem.js";
import { writePkcs12 } from "#certs/pkcs12.js";
import { derivePkcs12Key, pkcs12Password, pkcs12Purpose } from "#certs/pkcs12-keys.js";
import { readPkcs12 } from "#certs/pkcs12-reading.js";
import { KeyFormatType } from "#protocol/enums/index.js";
import { readPrivate } from "#src/crypto/formats/read-private.js";
import { readPublic } from "#src/crypto/formats/read-public.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { mutateDer } from "../mutators/der.js";
import type { Target } from "../target.js";

/** How the material of a key is read, by the first byte of an input. */
const readers: readonly (readonly [string, (bytes: Buffer) => unknown])[] = [
  ["PKCS #8", (bytes) => readPrivate(KeyFormatType.PKCS_8, bytes)],
  ["PKCS #1 private", (bytes) => readPrivate(KeyFormatType.PKCS_1, bytes)],
  ["EC private", (bytes) => readPrivate(KeyFormatType.ECPrivateKey, bytes)],
  ["SubjectPublicKeyInfo", (bytes) => readPublic(KeyFormatType.X_509, bytes)],
  ["PKCS #1 public", (bytes) => readPublic(KeyFormatType.PKCS_1, bytes)],
];

function read(bytes: Buffer): string {
  const [name, reader] = readers[(bytes[0] ?? 0) % readers.length] ?? ["none", () => undefined];
  try {
    return reader(bytes.subarray(1)) === undefined ? `kept as it came: ${name}` : `read: ${name}`;
  } catch (error) {
    if (error instanceof KmipError && error.reason !== "InternalServerError") return `refused: ${name}`;
    throw error;
  }
}

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function seedsOf({ publicKey, privateKey }: Pair): readonly Buffer[] {
  return [
    Buffer.concat([Buffer.of(0), privateKey.export({ type: "pkcs8", format: "der" })]),
    Buffer.concat([Buffer.of(3), publicKey.export({ type: "spki", format: "der" })]),
  ];
}

const curves = ["P-224", "P-256", "P-384", "P-521", "secp256k1", "brainpoolP256r1", "B-163", "K-283"] as const;

function keySeeds(): readonly Buffer[] {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pairs: readonly Pair[] = [
    rsa,
    ec,
    ...curves.map((namedCurve) => generateKeyPairSync("ec", { namedCurve })),
    ...(["explicit", "named"] as const).map((paramEncoding) =>
      generateKeyPairSync("ec", { namedCurve: "P-256", paramEncoding }),
    ),
    generateKeyPairSync("ed25519"),
    generateKeyPairSync("ed448"),
    generateKeyPairSync("x25519"),
    generateKeyPairSync("x448"),
    generateKeyPairSync("dsa", { modulusLength: 1024, divisorLength: 160 }),
    generateKeyPairSync("rsa-pss", { modulusLength: 1024 }),
  ];
  return [
    ...pairs.flatMap(seedsOf),
    Buffer.concat([Buffer.of(1), rsa.privateKey.export({ type: "pkcs1", format: "der" })]),
    Buffer.concat([Buffer.of(4), rsa.publicKey.export({ type: "pkcs1", format: "der" })]),
    Buffer.concat([Buffer.of(2), ec.privateKey.export({ type: "sec1", format: "der" })]),
  ];
}

/** Keys in PKCS #8, PKCS #1, SEC 1 and SubjectPublicKeyInfo, as Register and Import take them. */
export function keysTarget(): Target {
  return {
    name: "keys",
    about: "keys in DER are read, kept as they came, or refused with a reason of KMIP",
    seeds: keySeeds(),
    native: true,
    longest: 250,
    mutate: (input, random, other) => {
      const first = random.oneIn(20) ? random.bytes(1) : input.subarray(0, 1);
      return Buffer.concat([first, mutateDer(input.subarray(1), random, () => other().subarray(1))]);
    },
    execute: read,
  };
}

const password = "password";

async function readContainer(der: Buffer): Promise<string> {
  try {
    const { privateKey, certificates } = await readPkcs12(der, password);
    return `read: ${privateKey === undefined ? "no key" : "a key"}, ${certificates.length > 0 ? "certificates" : "none"}`;
  } catch (error) {
    if (error instanceof CertificateError) return "refused";
    throw error;
  }
}

/** A container with a MAC that fits its content, so that damage inside is met. */
async function authenticated(content: Buffer): Promise<Buffer> {
  const salt = Buffer.alloc(8, 1);
  const derivation = {
    hash: "sha256",
    salt,
    iterations: 1,
    purpose: pkcs12Purpose.authentication,
    length: 32,
  } as const;
  const key = await derivePkcs12Key(pkcs12Password(password), derivation);
  const mac = createHmac("sha256", key).update(content).digest();
  const code = sequence(
    sequence(sequence(objectIdentifier("sha256"), derNull()), octetString(mac)),
    octetString(salt),
    smallInteger(1),
  );
  const data = sequence(objectIdentifier("data"), contextConstructed(0, octetString(content)));
  return encodeDer(sequence(smallInteger(3), data, code));
}

async function pkcs12Seeds(): Promise<readonly Buffer[]> {
  const ca = await createCertificateAuthority({ commonName: "an authority", validityDays: 1 });
  const { certificatePem } = await issueClientCertificate({ ca, commonName: "somebody", validityDays: 1 });
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const content = {
    privateKey: privateKey.export({ type: "pkcs8", format: "der" }),
    certificates: [derOfPem(certificatePem, /^CERTIFICATE$/), derOfPem(ca.certificatePem, /^CERTIFICATE$/)],
    friendlyName: "alias",
  };
  const bags = [
    sequence(objectIdentifier("keyBag"), contextConstructed(0, bitString(content.privateKey))),
    ...content.certificates.map((der) =>
      sequence(
        objectIdentifier("certBag"),
        contextConstructed(0, sequence(objectIdentifier("x509Certificate"), contextConstructed(0, octetString(der)))),
      ),
    ),
  ];
  const plain = sequence(objectIdentifier("data"), contextConstructed(0, octetString(encodeDer(sequence(...bags)))));
  return [
    Buffer.concat([Buffer.of(1), encodeDer(sequence(plain))]),
    Buffer.concat([Buffer.of(0), await writePkcs12(content, password, "legacy")]),
    Buffer.concat([Buffer.of(0), await authenticated(encodeDer(sequence(plain)))]),
  ];
}

/** PKCS #12 containers: whole ones, and contents under a MAC that fits. */
export async function pkcs12Target(): Promise<Target> {
  return {
    name: "pkcs12",
    about: "PKCS #12 containers are read or refused with the error of their folder",
    seeds: await pkcs12Seeds(),
    native: true,
    longest: 5000,
    mutate: (input, random, other) =>
      Buffer.concat([input.subarray(0, 1), mutateDer(input.subarray(1), random, () => other().subarray(1))]),
    execute: async (bytes) => {
      const content = bytes.subarray(1);
      return readContainer((bytes[0] ?? 0) % 2 === 0 ? content : await authenticated(content));
    },
  };
}
