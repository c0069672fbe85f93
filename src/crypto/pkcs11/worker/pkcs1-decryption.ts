import { createHash } from "node:crypto";
import pkcs11js from "pkcs11js";
import type { KeyReference } from "../../port.js";
import { openPkcs1, type Pkcs1Plaintext } from "../../rsa/implicit-rejection.js";
import type { Custody } from "./custody.js";
import { failureKindOf, unsupported, WorkerFailure } from "./errors.js";

/** Keeps the secrets of ciphertexts apart from all else that the authentication key of the partition authenticates. */
const PURPOSE = "keyreeve: what stands in for an RSA plaintext\0";

/** A ciphertext as a number below the modulus, which tokens demand. Both are known to everybody. */
function belowModulus(data: Buffer, modulus: Buffer): { readonly input: Buffer; readonly acceptable: 0 | 1 } {
  const number = BigInt(`0x${data.toString("hex")}`);
  const limit = BigInt(`0x${modulus.toString("hex")}`);
  // Some modules refuse 0, 1 and the number before the modulus, whose roots everybody knows.
  if (number > 1n && number < limit - 1n) return { input: data, acceptable: 1 };
  const other = (number % (limit - 3n)) + 2n;
  return { input: Buffer.from(other.toString(16).padStart(data.length * 2, "0"), "hex"), acceptable: 0 };
}

/**
 * RSA decryption with PKCS#1 v1.5 padding, by the bare exponentiation of the token: its own decryption with this padding
 * is never asked for, since whether it succeeds says whether the padding was good.
 */
export class Pkcs1Decryption {
  readonly #custody: Custody;
  readonly #authenticate: (data: Buffer) => Buffer;
  #isPossible: boolean | null = null;

  /** `authenticate` makes an HMAC with a key that does not leave the token. */
  constructor(custody: Custody, authenticate: (data: Buffer) => Buffer) {
    this.#custody = custody;
    this.#authenticate = authenticate;
  }

  /**
   * What a ciphertext opens to; only one of another length than the modulus is refused. `expected` is the length in bytes
   * that the plaintext must have, or null.
   */
  decrypt(key: KeyReference, data: Buffer, expected: number | null): Pkcs1Plaintext {
    const { token } = this.#custody;
    this.#isPossible ??= token.mechanism(pkcs11js.CKM_RSA_X_509) !== null;
    if (!this.#isPossible || key.keyType !== "rsa" || key.keyClass !== "private") {
      throw unsupported("PKCS#1 v1.5 decryption takes the bare RSA operation of the token, and a private RSA key");
    }
    return this.#custody.withKey(key, "own", (handle) => {
      const [told = Buffer.alloc(0)] = token.attributes(handle, [pkcs11js.CKA_MODULUS]);
      const modulus = told.subarray(told.findIndex((byte) => byte !== 0));
      const { length } = modulus;
      if (data.length !== length || (expected ?? 0) > length - 11) {
        throw new WorkerFailure("decryption-failed", "the ciphertext has not the length of the modulus");
      }
      const { input, acceptable } = belowModulus(data, modulus);
      const digest = createHash("sha256").update(data).digest();
      const secret = this.#authenticate(
        Buffer.concat([Buffer.from(PURPOSE), Buffer.from(`${key.objectId}\0`), digest]),
      );
      return openPkcs1(this.#exponentiate(handle, input), secret, { expected, acceptable });
    });
  }

  #exponentiate(handle: pkcs11js.Handle, input: Buffer): Buffer {
    const { token } = this.#custody;
    const mechanism = { mechanism: pkcs11js.CKM_RSA_X_509 };
    try {
      const output = token.operate((session) =>
        token.decrypt(session, mechanism, handle, input, Buffer.alloc(input.length)),
      );
      if (output.length === input.length) return Buffer.from(output);
      const whole = Buffer.alloc(input.length);
      output.copy(whole, whole.length - output.length);
      return whole;
    } catch (error) {
      throw failureKindOf(error) === "stale-handle" ? error : token.explain(error, "device-error");
    }
  }
}
