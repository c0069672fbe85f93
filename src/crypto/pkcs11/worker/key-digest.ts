import type pkcs11js from "pkcs11js";
import { HASHES } from "../mechanisms.js";
import { failureKindOf } from "./errors.js";
import type { Token } from "./token.js";

/** SHA-256 of a key, computed in the token; null where the token does not digest it. */
export function digestKey(token: Token, handle: pkcs11js.Handle): Buffer | null {
  try {
    return token.operate((session) => {
      token.module.C_DigestInit(session, { mechanism: HASHES.sha256.digest });
      token.module.C_DigestKey(session, handle);
      return token.module.C_DigestFinal(session, Buffer.alloc(HASHES.sha256.length));
    });
  } catch (error) {
    const kind = failureKindOf(error);
    if (kind === "not-extractable" || kind === "unsupported") {
      return null;
    }
    throw error;
  }
}
