import { type KeyObject, verify } from "node:crypto";
import { publicKeyFromPem } from "#certs/key-reading.js";

/** What a TPM says of its platform, signature checked. */
export interface TpmQuote {
  /** What the caller had the TPM sign with it: TPM2B_DATA extraData. */
  readonly nonce: Buffer;
  /** The digest over the selected platform configuration registers. */
  readonly registerDigest: Buffer;
}

/** TPM_GENERATED_VALUE: the TPM made the structure itself (TPM 2.0 Library, part 2, §6.2). */
const generatedByTpm = 0xff544347;
/** TPM_ST_ATTEST_QUOTE (part 2, §6.9). */
const quoteStructure = 0x8018;

/** TPM_ALG_ID of hash functions, by the names of node:crypto (part 2, §6.3). */
const hashes: ReadonlyMap<number, string> = new Map([
  [0x000b, "sha256"],
  [0x000c, "sha384"],
  [0x000d, "sha512"],
]);

/** TPM_ALG_ID of signature schemes: how the signature stands and which kind of key it needs. */
const schemes: ReadonlyMap<number, SignatureScheme> = new Map<number, SignatureScheme>([
  [0x0014, { keyType: "rsa", read: (reader) => reader.sized() }],
  [0x0018, { keyType: "ec", read: (reader, key) => Buffer.concat([number(reader, key), number(reader, key)]) }],
]);

interface SignatureScheme {
  readonly keyType: "rsa" | "ec";
  /** The signature as node:crypto takes it: of ECDSA, r and s in the length of the field. */
  read(reader: Reader, key: KeyObject): Buffer;
}

/** Lengths in bytes of the numbers of a signature, by the curves of TPMs. */
const fieldLengths: ReadonlyMap<string | undefined, number> = new Map([
  ["prime256v1", 32],
  ["secp384r1", 48],
  ["secp521r1", 66],
]);

function number(reader: Reader, key: KeyObject): Buffer {
  const bytes = reader.sized();
  const length = fieldLengths.get(key.asymmetricKeyDetails?.namedCurve);
  if (length === undefined || bytes.length > length) throw new MalformedQuote("the signature does not fit the key");
  return Buffer.concat([Buffer.alloc(length - bytes.length), bytes]);
}

/** The longest quote with its signature: RSA-4096, all registers of several banks. */
const longestQuote = 4096;

/** The bytes are no quote. */
class MalformedQuote extends Error {}

/** Reads big-endian fields, each within what is left. */
class Reader {
  private readonly bytes: Buffer;
  private position = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  take(length: number): Buffer {
    if (length > this.bytes.length - this.position) throw new MalformedQuote("the quote ends too early");
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  number(size: 1 | 2 | 4): number {
    return this.take(size).readUIntBE(0, size);
  }

  /** The bytes of a TPM2B: behind their length of 16 bits. */
  sized(): Buffer {
    return this.take(this.number(2));
  }

  get atEnd(): boolean {
    return this.position === this.bytes.length;
  }
}

/**
 * Reads what TPM2_Quote gives, TPM2B_ATTEST followed by TPMT_SIGNATURE, and checks the signature by the attestation key
 * (PEM, RSA or EC). Undefined where the bytes are no quote or the key did not sign them. Never throws for what a client
 * can send.
 */
export function verifiedTpmQuote(measurement: Buffer, attestationKey: string): TpmQuote | undefined {
  if (measurement.length > longestQuote) return undefined;
  try {
    const reader = new Reader(measurement);
    const attested = reader.sized();
    const scheme = schemes.get(reader.number(2));
    const hash = hashes.get(reader.number(2));
    if (scheme === undefined || hash === undefined) return undefined;
    const key = publicKeyFromPem(attestationKey);
    if (key.asymmetricKeyType !== scheme.keyType) return undefined;
    const signature = scheme.read(reader, key);
    if (!reader.atEnd) return undefined;
    if (!verify(hash, attested, { key, dsaEncoding: "ieee-p1363" }, signature)) return undefined;
    return readAttested(attested);
  } catch (error) {
    if (error instanceof MalformedQuote) return undefined;
    throw error;
  }
}

/** TPMS_ATTEST of a quote (TPM 2.0 Library, part 2, §10.12.8). */
function readAttested(bytes: Buffer): TpmQuote | undefined {
  const reader = new Reader(bytes);
  if (reader.number(4) !== generatedByTpm || reader.number(2) !== quoteStructure) return undefined;
  reader.sized(); // qualifiedSigner
  const nonce = reader.sized();
  reader.take(17 + 8); // clockInfo, firmwareVersion
  const banks = reader.number(4);
  for (let bank = 0; bank < banks; bank += 1) {
    reader.number(2);
    reader.take(reader.number(1));
  }
  const registerDigest = reader.sized();
  return reader.atEnd ? { nonce, registerDigest } : undefined;
}
