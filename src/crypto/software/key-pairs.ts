import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { CryptoError } from "../port.js";

/** A key pair that software makes: the token makes none of its kind. */
export type SoftwarePair =
  | { readonly keyType: "ec" /** As node:crypto calls it. */; readonly curve: string }
  | { readonly keyType: "dsa" /** Bits of p and of q. */; readonly bits: number; readonly divisorBits: number }
  | { readonly keyType: "edwards"; readonly curve: "ed25519" | "ed448" };

/** Both halves of a pair: PKCS#8 DER, which the caller zeroes, and SubjectPublicKeyInfo DER. */
export interface MadePair {
  readonly privateKey: Buffer;
  readonly publicKey: Buffer;
}

const encodings = {
  publicKeyEncoding: { type: "spki", format: "der" },
  privateKeyEncoding: { type: "pkcs8", format: "der" },
} as const;

/** The overloads of node:crypto do not tell that with these encodings both halves are buffers, whatever the type. */
const generate = promisify(generateKeyPair) as unknown as (
  type: "ec" | "dsa" | "ed25519" | "ed448",
  options: object,
) => Promise<MadePair>;

/** Makes a key pair off the event loop. Rejects with CryptoError `unsupported`. */
export async function generatePairInSoftware(pair: SoftwarePair): Promise<MadePair> {
  try {
    switch (pair.keyType) {
      case "ec":
        return await generate("ec", { namedCurve: pair.curve, ...encodings });
      case "dsa":
        return await generate("dsa", { modulusLength: pair.bits, divisorLength: pair.divisorBits, ...encodings });
      case "edwards":
        return await generate(pair.curve, encodings);
    }
  } catch (cause) {
    throw new CryptoError("unsupported", "node:crypto makes no such key pair", { cause });
  }
}
