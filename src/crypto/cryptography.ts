import { sameSecret } from "#src/secrecy/same-secret.js";
import { blockMacs } from "./block-macs.js";
import type { TenantDecryptions } from "./decryption-watch.js";
import type { ChosenCipher } from "./mechanisms/ciphers.js";
import { macCiphers } from "./mechanisms/macs.js";
import { pad, unpad } from "./mechanisms/paddings.js";
import {
  type CipherSpecification,
  CryptoError,
  type Encrypted,
  type HashName,
  type MacSpecification,
  type Partition,
  type SignatureSpecification,
} from "./port.js";
import { isUnsupported } from "./rsa/padding-beside-token.js";
import { decryptWith, encryptWith, signWith, verifyWith } from "./rsa/perform.js";
import { decryptInSoftware, encryptInSoftware } from "./software/ciphers.js";
import { type SoftwareKey, secretOf } from "./software/key.js";
import { digestInSoftware, hmacInSoftware, signInSoftware, verifyInSoftware } from "./software/signatures.js";
import { type UsableKey, withSoftwareKey } from "./usable-key.js";

/** What decrypts: ciphertext, and the tag where there is one. */
interface Ciphertext {
  readonly data: Buffer;
  readonly tag: Buffer | null;
  /** Bytes that an RSA plaintext with PKCS#1 v1.5 padding must have, where that is known: see `decryptPkcs1` of the port. */
  readonly expected?: number | undefined;
}

/** A cipher with what makes data whole blocks beside it. */
type Cipher = Pick<ChosenCipher, "specification" | "framing">;

/**
 * Cryptography for one tenant, and the one place that decides who does it: the token; where the token answers that it
 * lacks the mechanism, software, if the tenant allows it and the key may leave the token. What the token does goes to
 * it at once, with nothing asked before. All calls reject with CryptoError.
 */
export class Cryptography {
  readonly partition: Partition;
  /** Whether the tenant allows keys to be used in software. */
  readonly softwareAllowed: boolean;
  /** Is told of what fails to decrypt, and says whether PKCS#1 v1.5 padding may be taken off. */
  readonly decryptions: TenantDecryptions;

  constructor(options: Pick<Cryptography, "partition" | "softwareAllowed" | "decryptions">) {
    this.partition = options.partition;
    this.softwareAllowed = options.softwareAllowed;
    this.decryptions = options.decryptions;
  }

  async encrypt(key: UsableKey, { specification, framing }: Cipher, data: Buffer): Promise<Encrypted> {
    if (framing?.padding == null) return this.encryptBlocks(key, specification, data);
    const padded = pad(framing.padding, data, framing.blockLength);
    try {
      return await this.encryptBlocks(key, specification, padded);
    } finally {
      padded.fill(0);
    }
  }

  /** The caller zeroes what comes out. Also rejects with KmipError where PKCS#1 v1.5 padding may not be taken off. */
  decrypt(key: UsableKey, { specification, framing }: Cipher, input: Ciphertext): Promise<Buffer> {
    if (specification.name === "rsa-pkcs1") return this.decryptPkcs1(key, input.data, input.expected ?? null);
    return this.countingFailures(key, async () => {
      const data = await this.prefer(
        key,
        () => decryptWith(this.partition, key, specification, input),
        (softwareKey) => decryptInSoftware(softwareKey, specification, input),
      );
      return framing?.padding == null ? data : unpad(framing.padding, data, framing.blockLength);
    });
  }

  /** Runs what decrypts or unwraps with a key, and has it counted where that fails. */
  async countingFailures<Result>(key: Pick<UsableKey, "reference">, run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof CryptoError && error.code === "decryption-failed") {
        this.decryptions.count(key.reference.objectId, 1);
      }
      throw error;
    }
  }

  sign(key: UsableKey, specification: SignatureSpecification, data: Buffer): Promise<Buffer> {
    return this.prefer(
      key,
      () => signWith(this.partition, key, specification, data),
      (softwareKey) => signInSoftware(softwareKey, specification, data),
    );
  }

  verify(
    key: UsableKey,
    specification: SignatureSpecification,
    signed: { readonly data: Buffer; readonly signature: Buffer },
  ): Promise<boolean> {
    return this.prefer(
      key,
      () => verifyWith(this.partition, key, specification, signed),
      (softwareKey) => verifyInSoftware(softwareKey, specification, signed),
    );
  }

  async mac(key: UsableKey, specification: MacSpecification, data: Buffer): Promise<Buffer> {
    try {
      return await this.partition.mac(key.reference, specification, data);
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      return this.macBeside(key, specification, data, error);
    }
  }

  /** Compares in constant time; a code of another length is wrong. */
  async macVerify(key: UsableKey, specification: MacSpecification, data: Buffer, mac: Buffer): Promise<boolean> {
    const expected = await this.mac(key, specification, data);
    return sameSecret(expected, mac);
  }

  async digest(hash: HashName, data: Buffer): Promise<Buffer> {
    try {
      return await this.partition.digest(hash, data);
    } catch (error) {
      if (!isUnsupported(error) || !this.softwareAllowed) throw error;
      return digestInSoftware(hash, data);
    }
  }

  /** Uses a key in the process, where that is allowed; `refusal` is thrown where it is not. */
  async inSoftware<Result>(key: UsableKey, refusal: unknown, run: (key: SoftwareKey) => Result): Promise<Result> {
    const allowed = this.softwareAllowed && (key.mayLeave || key.form === "public");
    if (!allowed) throw refusal;
    return withSoftwareKey(this.partition, key, run);
  }

  private async decryptPkcs1(key: UsableKey, data: Buffer, expected: number | null): Promise<Buffer> {
    this.decryptions.takePkcs1(key);
    if (key.softwareOnly) throw notOfToken();
    const opened = await this.countingFailures(key, () => this.partition.decryptPkcs1(key.reference, data, expected));
    this.decryptions.count(key.reference.objectId, opened.rejected ? 1 : 0);
    return opened.data;
  }

  private async prefer<Result>(
    key: UsableKey,
    inToken: () => Promise<Result>,
    inSoftware: (key: SoftwareKey) => Result,
  ): Promise<Result> {
    if (key.softwareOnly) return this.inSoftware(key, notOfToken(), inSoftware);
    try {
      return await inToken();
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      return this.inSoftware(key, error, inSoftware);
    }
  }

  private encryptBlocks(key: UsableKey, specification: CipherSpecification, data: Buffer): Promise<Encrypted> {
    return this.prefer(
      key,
      () => encryptWith(this.partition, key, specification, data),
      (softwareKey) => encryptInSoftware(softwareKey, specification, data),
    );
  }

  /** A code that the token does not make whole: of its block cipher, or in software. */
  private macBeside(key: UsableKey, specification: MacSpecification, data: Buffer, refusal: unknown): Promise<Buffer> {
    if (specification.name === "hmac") {
      return this.inSoftware(key, refusal, (softwareKey) =>
        hmacInSoftware(secretOf(softwareKey), specification.hash, data),
      );
    }
    const blockLength = key.algorithm === undefined ? undefined : macCiphers.get(key.algorithm);
    if (blockLength === undefined) throw refusal;
    const cbc: CipherSpecification = { name: "cbc", iv: Buffer.alloc(blockLength), padding: false };
    const chain = async (blocks: Buffer): Promise<Buffer> => (await this.encryptBlocks(key, cbc, blocks)).data;
    return blockMacs[specification.name](chain, data, blockLength);
  }
}

function notOfToken(): CryptoError {
  return new CryptoError("unsupported", "keys of this kind are used in software, which the tenant does not allow");
}
