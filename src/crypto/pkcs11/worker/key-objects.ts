import pkcs11js from "pkcs11js";
import type { TokenKey } from "../../port.js";
import { isPartitionKey } from "../partition-keys.js";
import { returnValueOf } from "./errors.js";
import { objectClass } from "./templates.js";
import type { Token } from "./token.js";

/** The identifier of an object; null for one whose making was cut off before it had any: nobody was told of it. */
export function tokenIdOf(token: Token, handle: pkcs11js.Handle): Buffer | null {
  try {
    const [tokenId] = token.attributes(handle, [pkcs11js.CKA_ID]);
    return tokenId === undefined || tokenId.length === 0 ? null : tokenId;
  } catch (error) {
    const value = returnValueOf(error);
    if (value === pkcs11js.CKR_ATTRIBUTE_TYPE_INVALID || value === pkcs11js.CKR_ATTRIBUTE_VALUE_INVALID) {
      return null;
    }
    throw error;
  }
}

/** All keys of the token but the partition's own, while the canary is found. */
export function tokenKeysOf(token: Token): TokenKey[] {
  token.checkCanary();
  token.lookAnew();
  const keys: TokenKey[] = [];
  for (const keyClass of ["secret", "private"] as const) {
    const template = [
      { type: pkcs11js.CKA_CLASS, value: objectClass(keyClass) },
      { type: pkcs11js.CKA_TOKEN, value: true },
    ];
    for (const handle of token.find(template)) {
      const tokenId = tokenIdOf(token, handle);
      if (tokenId !== null && !isPartitionKey(tokenId)) {
        keys.push({ tokenId, keyClass });
      }
    }
  }
  return keys;
}
