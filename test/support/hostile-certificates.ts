import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** One DER element, of any length. */
export function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  if (content.length < 0x80) return Buffer.concat([Buffer.of(tag, content.length), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const digits = length.subarray(length.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(tag, 0x80 + digits.length), digits, content]);
}

const hex = (digits: string): Buffer => Buffer.from(digits, "hex");
const sequence = (...items: readonly Buffer[]): Buffer => der(0x30, ...items);
const identifier = (digits: string): Buffer => der(0x06, hex(digits));
const utcTime = (text: string): Buffer => der(0x17, Buffer.from(text));
const generalizedTime = (text: string): Buffer => der(0x18, Buffer.from(text));

const ecdsaWithSha256 = sequence(identifier("2a8648ce3d040302"));
const rsaEncryption = sequence(identifier("2a864886f70d010101"), hex("0500"));

function namePart(digits: string, value: string | Buffer): Buffer {
  return sequence(identifier(digits), der(0x0c, Buffer.from(value)));
}

const commonName = (value: string): Buffer => der(0x31, namePart("550403", value));
const nameOf = (value: string): Buffer => sequence(commonName(value));

function extension(digits: string, value: Buffer, critical = false): Buffer {
  return sequence(identifier(digits), ...(critical ? [hex("0101ff")] : []), der(0x04, value));
}

/** Items in an element in an element …, so many deep. */
function nested(tag: number, depth: number, innermost: Buffer): Buffer {
  let item = innermost;
  for (let level = 0; level < depth; level += 1) item = der(tag, item);
  return item;
}

const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });

/** The parts of a certificate or a request, each DER. */
interface Parts {
  readonly version?: Buffer;
  readonly serial?: Buffer;
  readonly subject?: Buffer;
  readonly validity?: Buffer;
  readonly publicKey?: Buffer;
  /** Of the Extensions SEQUENCE. */
  readonly extensions?: readonly Buffer[];
  readonly algorithm?: Buffer;
  readonly signature?: (signed: Buffer) => Buffer;
}

const usualValidity = sequence(utcTime("200101000000Z"), utcTime("491231235959Z"));
const spki = (key: KeyObject): Buffer => key.export({ type: "spki", format: "der" });
const bySha256 = (signed: Buffer): Buffer => sign("sha256", signed, ec.privateKey);

/** A certificate signed by the key of `ec`, whatever else it says. */
function certificate(parts: Parts = {}): Buffer {
  const { subject = nameOf("hostile"), algorithm = ecdsaWithSha256, signature = bySha256 } = parts;
  const { extensions = [] } = parts;
  const signed = sequence(
    parts.version ?? hex("a003020102"),
    parts.serial ?? hex("020101"),
    algorithm,
    subject,
    parts.validity ?? usualValidity,
    subject,
    parts.publicKey ?? spki(ec.publicKey),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  );
  return sequence(signed, algorithm, der(0x03, Buffer.of(0), signature(signed)));
}

/** A PKCS #10 request signed by the key of `ec`. */
function request(parts: Parts = {}): Buffer {
  const { subject = nameOf("hostile"), algorithm = ecdsaWithSha256, signature = bySha256 } = parts;
  const { extensions = [] } = parts;
  const asked = sequence(identifier("2a864886f70d01090e"), der(0x31, sequence(...extensions)));
  const signed = sequence(
    parts.version ?? hex("020100"),
    subject,
    parts.publicKey ?? spki(ec.publicKey),
    der(0xa0, ...(extensions.length > 0 ? [asked] : [])),
  );
  return sequence(signed, algorithm, der(0x03, Buffer.of(0), signature(signed)));
}

function rsaKey(modulus: Buffer, exponent: Buffer): Buffer {
  const numbers = sequence(der(0x02, Buffer.of(0), modulus), der(0x02, exponent));
  return sequence(rsaEncryption, der(0x03, Buffer.of(0), numbers));
}

/** A modulus of so many bits; nobody knows its factors, if it has any. */
const modulus = (bits: number): Buffer => Buffer.alloc(bits / 8, 0xc3);
const sha256WithRsa = sequence(identifier("2a864886f70d01010b"), hex("0500"));

/** With the public exponent 1 the signature is the padded hash itself, for a key of any length. */
function signedByOne(bits: number): Parts {
  const prefix = hex("3031300d060960864801650304020105000420");
  const signature = (signed: Buffer): Buffer => {
    const digest = sign("sha256", signed, ec.privateKey).subarray(0, 32);
    const tail = Buffer.concat([Buffer.of(0), prefix, digest]);
    return Buffer.concat([hex("0001"), Buffer.alloc(bits / 8 - 2 - tail.length, 0xff), tail]);
  };
  return { publicKey: rsaKey(modulus(bits), Buffer.of(1)), algorithm: sha256WithRsa, signature };
}

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function signedWith({ publicKey, privateKey }: Pair, algorithm: string, hash: string | null): Parts {
  const signature = (signed: Buffer): Buffer => sign(hash, signed, privateKey);
  return { publicKey: spki(publicKey), algorithm: sequence(identifier(algorithm)), signature };
}

/** A key of P-256 on a curve that nobody knows. */
function unknownCurve(): Buffer {
  const known = identifier("2a8648ce3d030107");
  const key = Buffer.from(spki(ec.publicKey));
  key.writeUInt8(0x7e, key.indexOf(known) + known.length - 1);
  return key;
}

/** A key on a curve whose point is these octets (SEC 1 §2.3.4): one zero is the point at infinity, which is no key. */
function pointOn(curve: string, octets: Buffer): Parts {
  const algorithm = sequence(identifier("2a8648ce3d0201"), identifier(curve));
  return { publicKey: sequence(algorithm, der(0x03, Buffer.of(0), octets)) };
}

const p256 = "2a8648ce3d030107";
const secp112r1 = "2b81040006";
const sect163k1 = "2b81040001";

const many = (count: number, make: (index: number) => Buffer): Buffer[] =>
  Array.from({ length: count }, (_, n) => make(n));
const subjectAltName = "551d11";
const basicConstraints = "551d13";

/** An identifier that nobody uses, one a number. */
const ownIdentifier = (index: number): string =>
  `2b0601040182${Buffer.of(0x80 + (index >> 7), index & 0x7f).toString("hex")}`;

const rsaOf = (modulusLength: number, publicExponent: number): Pair =>
  generateKeyPairSync("rsa", { modulusLength, publicExponent });
const explicitCurve = (): Pair => generateKeyPairSync("ec", { namedCurve: "P-256", paramEncoding: "explicit" });

const usages = (...identifiers: readonly Buffer[]): Buffer => extension("551d25", sequence(...identifiers));

/** What is odd in certificates and in requests alike. */
const oddParts: Readonly<Record<string, () => Parts>> = {
  Ed448: () => signedWith(generateKeyPairSync("ed448"), "2b6571", null),
  Ed25519: () => signedWith(generateKeyPairSync("ed25519"), "2b6570", null),
  "DSA-1024": () =>
    signedWith(generateKeyPairSync("dsa", { modulusLength: 1024, divisorLength: 160 }), "608648016503040302", "sha256"),
  "RSA-1024": () => signedWith(rsaOf(1024, 65_537), "2a864886f70d01010b", "sha256"),
  "RSA-512": () => signedWith(rsaOf(512, 65_537), "2a864886f70d01010b", "sha256"),
  "RSA with exponent 3": () => signedWith(rsaOf(2048, 3), "2a864886f70d01010b", "sha256"),
  "RSA with exponent 1": () => signedByOne(2048),
  "RSA-16384 with exponent 1": () => signedByOne(16_384),
  "RSA-16384 with a long exponent": () => ({
    ...signedByOne(16_384),
    publicKey: rsaKey(modulus(16_384), modulus(16_384)),
  }),
  "RSA-262144": () => ({ ...signedByOne(16_384), publicKey: rsaKey(modulus(262_144), hex("010001")) }),
  "RSA with a modulus of zero": () => ({ ...signedByOne(2048), publicKey: rsaKey(Buffer.alloc(1), hex("010001")) }),
  "a signature with SHA-1": () => signedWith(rsaOf(2048, 65_537), "2a864886f70d010105", "sha1"),
  "a signature with MD5": () => signedWith(rsaOf(2048, 65_537), "2a864886f70d010104", "md5"),
  "an unknown curve": () => ({ publicKey: unknownCurve() }),
  "a curve in explicit parameters": () => signedWith(explicitCurve(), "2a8648ce3d040302", "sha256"),
  "a key of no known algorithm": () => ({ publicKey: sequence(sequence(identifier("2a0304")), hex("030200ff")) }),
  "a point at infinity": () => pointOn(p256, Buffer.of(0)),
  "a point at infinity on a short curve": () => pointOn(secp112r1, Buffer.of(0)),
  "a point at infinity on a binary curve": () => pointOn(sect163k1, Buffer.of(0)),
  "a point of no octets": () => pointOn(p256, Buffer.alloc(0)),
  "a point that is not on its curve": () => pointOn(p256, Buffer.concat([Buffer.of(4), Buffer.alloc(64, 1)])),
  "no signature": () => ({ signature: () => Buffer.alloc(0) }),
  "a signature of 30,000 bytes": () => ({ signature: () => Buffer.alloc(30_000, 1) }),
  "a name of 1,000 parts": () => ({ subject: sequence(...many(1000, (index) => commonName(`part ${index}`))) }),
  "a name of 1,000 parts in one": () => ({
    subject: sequence(der(0x31, ...many(1000, (index) => namePart("550403", `part ${index}`)))),
  }),
  "a name with a zero byte": () => ({ subject: nameOf("admin\0.example") }),
  "a name with a line end": () => ({ subject: nameOf("a\nCN=admin") }),
  "a name that is no UTF-8": () => ({ subject: sequence(der(0x31, sequence(identifier("550403"), hex("0c02fffe")))) }),
  "a name of 20,000 characters": () => ({ subject: nameOf("x".repeat(20_000)) }),
  "no name": () => ({ subject: sequence() }),
  "a name of names": () => ({ subject: nested(0x30, 2000, nameOf("deep")) }),
  "3,500 extensions": () => ({ extensions: many(3500, (index) => extension(ownIdentifier(index), hex("0500"))) }),
  "10,000 extensions": () => ({ extensions: many(10_000, (index) => extension(ownIdentifier(index), hex("0500"))) }),
  "101 extensions": () => ({ extensions: many(101, (index) => extension(ownIdentifier(index), hex("0500"))) }),
  "an extension twice": () => ({ extensions: many(2, () => extension(basicConstraints, hex("3000"))) }),
  "an extension that nests 3,000 deep": () => ({
    extensions: [extension(subjectAltName, nested(0x30, 3000, hex("0500")))],
  }),
  "an alternative name that nests 3,000 deep": () => ({
    extensions: [extension(subjectAltName, sequence(nested(0xa4, 3000, nameOf("deep"))))],
  }),
  "3,000 alternative names": () => ({
    extensions: [
      extension(subjectAltName, sequence(...many(3000, (index) => der(0x82, Buffer.from(`h${index}.example`))))),
    ],
  }),
  "an alternative name with a zero byte": () => ({
    extensions: [extension(subjectAltName, sequence(der(0x82, Buffer.from("a.example\0.b.example"))))],
  }),
  "an unknown critical extension": () => ({ extensions: [extension(ownIdentifier(1), hex("0500"), true)] }),
  "a key usage of nothing": () => ({ extensions: [extension("551d0f", hex("030107"))] }),
  "a path length of 2^62": () => ({ extensions: [extension(basicConstraints, hex("300d0101ff02084000000000000000"))] }),
  "an extended key usage of 400 bytes": () => ({ extensions: [usages(identifier(`2a${"01".repeat(399)}`))] }),
  "an extended key usage of 20,000 bytes": () => ({ extensions: [usages(identifier(`2a${"01".repeat(19_999)}`))] }),
  "an extended key usage of one long number": () => ({ extensions: [usages(identifier(`2a${"81".repeat(1800)}01`))] }),
  "an extended key usage that is no list": () => ({ extensions: [extension("551d25", hex("0500"))] }),
  "2,000 extended key usages": () => ({
    extensions: [usages(...many(2000, (index) => identifier(ownIdentifier(index))))],
  }),
  "an identifier without end": () => ({ extensions: [extension("ff".repeat(300), hex("0500"))] }),
};

/** What is odd in certificates only. */
const oddCertificates: Readonly<Record<string, () => Buffer>> = {
  "a serial number of 10,000 bytes": () => certificate({ serial: der(0x02, Buffer.alloc(10_000, 0x7f)) }),
  "a negative serial number": () => certificate({ serial: hex("0201ff") }),
  "an empty serial number": () => certificate({ serial: hex("0200") }),
  "version 1 with extensions": () =>
    certificate({ version: Buffer.alloc(0), extensions: [extension(basicConstraints, hex("3000"))] }),
  "version 200": () => certificate({ version: hex("a0040202 00c8".replace(" ", "")) }),
  "an end before its beginning": () =>
    certificate({ validity: sequence(utcTime("491231235959Z"), utcTime("200101000000Z")) }),
  "an end in the year 49": () =>
    certificate({ validity: sequence(utcTime("200101000000Z"), generalizedTime("00490101000000Z")) }),
  "an end in the year 9999": () =>
    certificate({ validity: sequence(utcTime("200101000000Z"), generalizedTime("99991231235959Z")) }),
  "an end that is no date": () =>
    certificate({ validity: sequence(utcTime("200101000000Z"), utcTime("zz0101000000Z")) }),
  "a thirteenth month": () => certificate({ validity: sequence(utcTime("200101000000Z"), utcTime("491331000000Z")) }),
  "no dates": () => certificate({ validity: sequence() }),
  "bytes behind it": () => Buffer.concat([certificate(), Buffer.alloc(10)]),
  "more than 64 KiB": () => certificate({ subject: nameOf("x".repeat(70_000)) }),
  "an indefinite length": () => indefinite(certificate()),
};

/** The same in BER, the outer length of indefinite form. */
function indefinite(whole: Buffer): Buffer {
  const header = 2 + ((whole[1] ?? 0) < 0x80 ? 0 : (whole[1] ?? 0) - 0x80);
  return Buffer.concat([hex("3080"), whole.subarray(header), hex("0000")]);
}

const oddBytes: Readonly<Record<string, () => Buffer>> = {
  nothing: () => Buffer.alloc(0),
  "one byte": () => Buffer.of(0x30),
  "a length without end": () => hex("3084ffffffff"),
  "60,000 zero bytes": () => Buffer.alloc(60_000),
  "sequences 20,000 deep": () => nested(0x30, 15_000, hex("0500")),
  "half of one": () => certificate().subarray(0, 150),
};

/** Certificates that no client should have, by what is wrong with them. */
export function hostileCertificates(): ReadonlyMap<string, Buffer> {
  const made = Object.entries(oddParts).map(([name, parts]) => [name, certificate(parts())] as const);
  const others = [...Object.entries(oddCertificates), ...Object.entries(oddBytes)];
  return new Map([...made, ...others.map(([name, make]) => [name, make()] as const)]);
}

/** Certificate requests of the like. */
export function hostileRequests(): ReadonlyMap<string, Buffer> {
  const made = Object.entries(oddParts).map(([name, parts]) => [name, request(parts())] as const);
  const others: readonly (readonly [string, Buffer])[] = [
    ...Object.entries(oddBytes).map(([name, make]) => [name, make()] as const),
    ["version 2", request({ version: hex("020101") })],
    ["an indefinite length", indefinite(request())],
  ];
  return new Map([...made, ...others]);
}

/** Certificates over one key, with that key in PEM: what a client can show in a handshake. */
export function hostileIdentities(): {
  readonly key: string;
  readonly certificates: ReadonlyMap<string, Buffer>;
} {
  const key = ec.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const parts = Object.entries(oddParts).map(([name, make]) => [name, make()] as const);
  const own = parts.filter(([, { publicKey, signature }]) => publicKey === undefined && signature === undefined);
  const certificates = [
    ...own.map(([name, made]) => [name, certificate(made)] as const),
    ...Object.entries(oddCertificates).map(([name, make]) => [name, make()] as const),
  ];
  return { key, certificates: new Map(certificates) };
}

/** An extension that nobody knows, so long that what it stands in has a length. */
function padding(length: number, make: (extensions: readonly Buffer[]) => Buffer): Buffer {
  const withContent = (size: number): Buffer => make([extension(ownIdentifier(1), Buffer.alloc(size))]);
  const first = withContent(length - 1000).length;
  return withContent(length - 1000 + (length - first));
}

const fixedSignature = (): Buffer => Buffer.alloc(64, 1);

/** A certificate of so many bytes, or with so many extensions that nobody knows. */
export function sizedCertificate({ bytes, extensions = 0 }: { bytes?: number; extensions?: number }): Buffer {
  const signature = fixedSignature;
  if (bytes !== undefined) return padding(bytes, (padded) => certificate({ extensions: padded, signature }));
  return certificate({ extensions: many(extensions, (index) => extension(ownIdentifier(index), hex("0500"))) });
}

/** A request of so many bytes, whose key has signed it; or one whose name has so many parts. */
export function sizedRequest({ bytes, parts }: { bytes?: number; parts?: number }): Buffer {
  if (parts !== undefined) return request({ subject: sequence(...many(parts, (index) => commonName(`${index}`))) });
  // The length of a signature varies by a byte or two: until one fits.
  for (;;) {
    const made = padding(bytes ?? 1000, (extensions) => request({ extensions }));
    if (made.length === bytes) return made;
  }
}
