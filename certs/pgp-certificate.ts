import { CertificateError } from "./errors.js";

/** What KMIP tells of a PGP certificate, a transferable public key (RFC 9580 §10.1). */
export interface PgpFacts {
  /** The text of the first User ID packet. */
  readonly userId: string;
  /** Key ID of the key that signed the first User ID: 16 hexadecimal digits, upper case. */
  readonly issuerKeyId: string;
  /** OpenPGP's number of the public key algorithm of the primary key (RFC 9580 §9.1). */
  readonly publicKeyAlgorithm: number;
  /** Bits of the modulus or of the prime; undefined for keys on curves. */
  readonly publicKeyBits: number | undefined;
  /** OpenPGP's numbers of the algorithms of that signature (§9.1, §9.5). */
  readonly signatureAlgorithm: number;
  readonly hashAlgorithm: number;
}

interface Packet {
  readonly type: number;
  readonly body: Buffer;
}

const packetTypes = { signature: 2, publicKey: 6, userId: 13 } as const;
const subpacketTypes = { issuer: 16, issuerFingerprint: 33 } as const;

/** The most packets that are looked at: the first user ID stands near the front. */
const mostPackets = 100;

/**
 * Reads a PGP certificate in binary form.
 *
 * @throws CertificateError where it is none, or older than version 4 of OpenPGP's packets.
 */
export function pgpFacts(value: Buffer): PgpFacts {
  const packets = packetsOf(value);
  const [key] = packets;
  const named = packets.findIndex(({ type }) => type === packetTypes.userId);
  const userId = packets[named];
  const signature = packets.slice(named + 1).find(({ type }) => type === packetTypes.signature);
  if (key?.type !== packetTypes.publicKey || userId === undefined || signature === undefined) throw malformed();
  return { userId: userId.body.toString("utf8"), ...keyFacts(key.body), ...signatureFacts(signature.body) };
}

function packetsOf(value: Buffer): readonly Packet[] {
  const packets: Packet[] = [];
  let position = 0;
  while (position < value.length && packets.length < mostPackets) {
    const header = byteAt(value, position);
    if ((header & 0x80) === 0) throw malformed();
    const isNew = (header & 0x40) !== 0;
    const { length, bytes } = isNew ? newLength(value, position + 1) : oldLength(value, position + 1, header & 3);
    const start = position + 1 + bytes;
    if (start + length > value.length) throw malformed();
    packets.push({
      type: isNew ? header & 0x3f : (header & 0x3c) >> 2,
      body: value.subarray(start, start + length),
    });
    position = start + length;
  }
  return packets;
}

interface Length {
  readonly length: number;
  /** Bytes that tell it. */
  readonly bytes: number;
}

/** A length in the present format (RFC 9580 §4.2.1); parts of unknown length do not stand in keys. */
function newLength(value: Buffer, at: number): Length {
  const first = byteAt(value, at);
  if (first < 192) return { length: first, bytes: 1 };
  if (first < 224) return { length: (first - 192) * 256 + byteAt(value, at + 1) + 192, bytes: 2 };
  if (first === 255) return { length: numberAt(value, at + 1, 4), bytes: 5 };
  throw malformed();
}

/** A length in the old format (RFC 9580 §4.2.2). */
function oldLength(value: Buffer, at: number, type: number): Length {
  const bytes = [1, 2, 4][type];
  if (bytes === undefined) throw malformed();
  return { length: numberAt(value, at, bytes), bytes };
}

/** Algorithms whose first number is the modulus or the prime: RSA, Elgamal, DSA. */
const withNumbers: ReadonlySet<number> = new Set([1, 2, 3, 16, 17]);

function keyFacts(body: Buffer): Pick<PgpFacts, "publicKeyAlgorithm" | "publicKeyBits"> {
  const version = byteAt(body, 0);
  if (version !== 4 && version !== 6) throw malformed();
  const publicKeyAlgorithm = byteAt(body, 5);
  const numbers = version === 4 ? 6 : 10;
  const publicKeyBits = withNumbers.has(publicKeyAlgorithm) ? numberAt(body, numbers, 2) : undefined;
  return { publicKeyAlgorithm, publicKeyBits };
}

type SignatureFacts = Pick<PgpFacts, "signatureAlgorithm" | "hashAlgorithm" | "issuerKeyId">;

function signatureFacts(body: Buffer): SignatureFacts {
  if (byteAt(body, 0) !== 4) throw malformed();
  const hashedLength = numberAt(body, 4, 2);
  const hashed = part(body, 6, hashedLength);
  const unhashed = part(body, 8 + hashedLength, numberAt(body, 6 + hashedLength, 2));
  const subpackets = [...subpacketsOf(hashed), ...subpacketsOf(unhashed)];
  const issuer = subpackets.find(({ type }) => type === subpacketTypes.issuer)?.body;
  // The Key ID is the end of the fingerprint of a version 4 key (RFC 9580 §5.5.4.2).
  const fingerprint = subpackets.find(({ type }) => type === subpacketTypes.issuerFingerprint)?.body.subarray(-8);
  const keyId = issuer ?? fingerprint;
  if (keyId?.length !== 8) throw malformed();
  return {
    signatureAlgorithm: byteAt(body, 2),
    hashAlgorithm: byteAt(body, 3),
    issuerKeyId: keyId.toString("hex").toUpperCase(),
  };
}

function subpacketsOf(area: Buffer): readonly Packet[] {
  const subpackets: Packet[] = [];
  let position = 0;
  while (position < area.length && subpackets.length < mostPackets) {
    const first = byteAt(area, position);
    const isShort = first < 192 || first === 255;
    const { length, bytes } = isShort
      ? newLength(area, position)
      : { length: (first - 192) * 256 + byteAt(area, position + 1) + 192, bytes: 2 };
    const content = part(area, position + bytes, length);
    subpackets.push({ type: byteAt(content, 0) & 0x7f, body: content.subarray(1) });
    position += bytes + length;
  }
  return subpackets;
}

function part(bytes: Buffer, start: number, length: number): Buffer {
  if (start + length > bytes.length) throw malformed();
  return bytes.subarray(start, start + length);
}

function byteAt(bytes: Buffer, index: number): number {
  return numberAt(bytes, index, 1);
}

function numberAt(bytes: Buffer, index: number, length: number): number {
  return part(bytes, index, length).readUIntBE(0, length);
}

function malformed(): CertificateError {
  return new CertificateError("The bytes are no PGP certificate");
}
