import pkcs11js from "pkcs11js";
import { sameSecret } from "#src/secrecy/same-secret.js";
import type { HashName, KeyReference, MacSpecification, SignatureSpecification } from "../../port.js";
import { HASHES, mechanismOf } from "../mechanisms.js";
import type { Custody } from "./custody.js";
import { signatureFromDer, signatureToDer } from "./ecdsa-signature.js";
import { failureKindOf, invalidData, unsupported } from "./errors.js";

/** Room for the largest signature in bytes (RSA-16384). */
const SIGNATURE_ROOM = 2048;

/** What the token signs: a mechanism and the bytes it gets. */
interface Prepared {
  readonly mechanism: pkcs11js.Mechanism;
  readonly input: Buffer;
}

/** Signatures, message authentication codes and digests. */
export class Signatures {
  readonly #custody: Custody;

  constructor(custody: Custody) {
    this.#custody = custody;
  }

  /** A digest computed in the token. */
  digest(hash: HashName, data: Buffer): Buffer {
    const output = Buffer.alloc(HASHES[hash].length);
    return this.#operate((session) => this.#custody.token.digest(session, HASHES[hash].digest, data, output));
  }

  #operate<Result>(run: (session: pkcs11js.Handle) => Result): Result {
    const { token } = this.#custody;
    try {
      return token.operate(run);
    } catch (error) {
      throw failureKindOf(error) === "stale-handle" ? error : token.explain(error, "device-error");
    }
  }

  #prepare(key: KeyReference, specification: SignatureSpecification, data: Buffer): Prepared {
    const mechanism = mechanismOf(this.#custody.token.quirks, specification, key.keyType);
    if (mechanism === null) {
      throw unsupported(`the token does not do ${specification.name} with a key of type ${key.keyType}`);
    }
    switch (specification.name) {
      case "rsa-pkcs1":
        return { mechanism: { mechanism }, input: withDigestInfo(specification, data) };
      case "rsa-pss": {
        const row = HASHES[specification.hash];
        if (specification.prehashed && data.length !== row.length) {
          throw invalidData(`a ${specification.hash} digest has ${row.length} bytes, not ${data.length}`);
        }
        const parameter: pkcs11js.RsaPSS = {
          type: pkcs11js.CK_PARAMS_RSA_PSS,
          hashAlg: row.digest,
          mgf: HASHES[specification.maskHash].mask,
          saltLen: specification.saltLength,
        };
        return { mechanism: { mechanism, parameter }, input: data };
      }
      case "ecdsa": {
        const digest = specification.hash === null ? data : this.digest(specification.hash, data);
        if (digest.length === 0) {
          throw invalidData("ECDSA needs a digest");
        }
        return { mechanism: { mechanism }, input: digest };
      }
      default:
        throw unsupported(`the token does no ${specification.name}`);
    }
  }

  /** Signs with a private key. ECDSA gives DER. */
  sign(key: KeyReference, specification: SignatureSpecification, data: Buffer): Buffer {
    const { mechanism, input } = this.#prepare(key, specification, data);
    const signature = this.#sign(key, mechanism, input);
    return specification.name === "ecdsa" ? signatureToDer(signature) : signature;
  }

  #sign(
    key: KeyReference,
    mechanism: pkcs11js.Mechanism,
    input: Buffer,
    role: "own" | `hmac ${HashName}` = "own",
  ): Buffer {
    return this.#custody.withKey(key, role, (handle) =>
      this.#operate((session) => {
        const output = Buffer.alloc(SIGNATURE_ROOM);
        return Buffer.from(this.#custody.token.sign(session, mechanism, handle, input, output));
      }),
    );
  }

  /** Verifies with a public key (or, where the token allows it, a private one). A signature of any wrong form is false. */
  verify(key: KeyReference, specification: SignatureSpecification, data: Buffer, signature: Buffer): boolean {
    const { mechanism, input } = this.#prepare(key, specification, data);
    return this.#custody.withKey(key, "own", (handle) => {
      const raw = specification.name === "ecdsa" ? this.#rawSignature(handle, signature) : signature;
      if (raw === null || raw.length === 0) {
        return false;
      }
      return this.#operate((session) => this.#custody.token.verify(session, mechanism, handle, input, raw));
    });
  }

  #rawSignature(handle: pkcs11js.Handle, signature: Buffer): Buffer | null {
    const [parameters] = this.#custody.token.attributes(handle, [pkcs11js.CKA_EC_PARAMS]);
    return parameters === undefined ? null : signatureFromDer(signature, parameters);
  }

  /** The mechanism of a message authentication code, and the role in which the key does it. */
  macMechanism(
    key: KeyReference,
    specification: MacSpecification,
  ): { readonly mechanism: pkcs11js.Mechanism; readonly role: "own" | `hmac ${HashName}` } {
    const mechanism = mechanismOf(this.#custody.token.quirks, specification, key.keyType);
    if (mechanism === null || key.keyClass !== "secret") {
      throw unsupported(`the token does not do ${specification.name} with a key of type ${key.keyType}`);
    }
    return { mechanism: { mechanism }, role: specification.name === "hmac" ? `hmac ${specification.hash}` : "own" };
  }

  /** A message authentication code. */
  mac(key: KeyReference, specification: MacSpecification, data: Buffer): Buffer {
    const { mechanism, role } = this.macMechanism(key, specification);
    return this.#sign(key, mechanism, data, role);
  }

  /** Compares a message authentication code in constant time; one of another length is wrong. */
  macVerify(key: KeyReference, specification: MacSpecification, data: Buffer, mac: Buffer): boolean {
    const expected = this.mac(key, specification, data);
    return sameSecret(expected, mac);
  }

  /** HMAC-SHA-256 with a key of the partition itself. */
  authenticate(handle: pkcs11js.Handle, data: Buffer): Buffer {
    const output = Buffer.alloc(HASHES.sha256.length);
    const mechanism = { mechanism: HASHES.sha256.hmac };
    return this.#operate((session) => this.#custody.token.sign(session, mechanism, handle, data, output));
  }
}

/** What CKM_RSA_PKCS signs for data that are a digest: the DigestInfo, where one is asked for. */
function withDigestInfo(specification: Extract<SignatureSpecification, { name: "rsa-pkcs1" }>, data: Buffer): Buffer {
  if (specification.hash !== null || specification.digestInfo === null) {
    return data;
  }
  const row = HASHES[specification.digestInfo];
  if (data.length !== row.length) {
    throw invalidData(`a ${specification.digestInfo} digest has ${row.length} bytes, not ${data.length}`);
  }
  return Buffer.concat([Buffer.from(row.digestInfo, "hex"), data]);
}
