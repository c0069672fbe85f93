import type { MaterialKeyType } from "#src/objects/custody.js";
import type { MechanismKey } from "./mechanisms/key.js";
import { CryptoError, type KeyReference, type Partition } from "./port.js";
import { privateKeyObject, publicKeyObject, type SoftwareKey } from "./software/key.js";

/** A key of an object to be used, with everything that decides who may use it. */
export interface UsableKey extends MechanismKey {
  readonly reference: KeyReference;
  readonly keyType: MaterialKeyType;
  /** Bits of the modulus of RSA keys; else the Cryptographic Length. */
  readonly modulusBits: number;
  /** What `software` loads: a raw secret, PKCS#8, or SubjectPublicKeyInfo. */
  readonly form: "secret" | "private" | "public";
  /** Only software uses it: the partition keeps it as bytes. */
  readonly softwareOnly: boolean;
  /** The key may be in the memory of the process: it is not of the token, not Sensitive, and Extractable. */
  readonly mayLeave: boolean;
  /** Its Cryptographic Parameters name the Padding Method PKCS#1 v1.5, without which it decrypts nothing so padded. */
  readonly namesPkcs1: boolean;
}

/** The key in the memory of the process. A secret one is zeroed by `run` having ended. Rejects with CryptoError. */
export async function withSoftwareKey<Result>(
  partition: Partition,
  key: UsableKey,
  run: (key: SoftwareKey) => Result,
): Promise<Result> {
  if (key.form === "public") return run({ kind: "asymmetric", object: publicKeyObject(key.reference.material) });
  if (!key.mayLeave) throw new CryptoError("unsupported", "the key may not be used outside the token");
  const value = await partition.exportKey(key.reference);
  try {
    return run(
      key.form === "private"
        ? { kind: "asymmetric", object: privateKeyObject(value) }
        : { kind: "secret", algorithm: key.algorithm, value },
    );
  } finally {
    value.fill(0);
  }
}
