import type pkcs11js from "pkcs11js";
import type { CustodyRequest, KeyClass, KeyType } from "../../port.js";
import { tokenIdentity } from "./key-rules.js";
import { permittedUsages, SESSION_KEY, tokenKeyAttributes, usageAttributes } from "./templates.js";
import type { TokenKeys } from "./token-keys.js";

/** Where a new key lives and what it may do, as its custody and its type have it. */
export function keyTemplate(
  request: CustodyRequest,
  keyClass: KeyClass,
  keyType: KeyType,
  modifiable = false,
): pkcs11js.Template {
  const keeping = request.custody === "token" ? tokenKeyAttributes(tokenIdentity(request), modifiable) : SESSION_KEY;
  const asked = request.custody === "token" ? request.usages : undefined;
  return [...keeping, ...usageAttributes(keyClass, permittedUsages(keyType, keyClass, asked))];
}

/** Makes a key of the token as TokenKeys does, with what the request says of it. */
export function makeInToken(
  tokenKeys: TokenKeys,
  request: CustodyRequest,
  keyClass: KeyClass,
  keyType: KeyType,
  make: () => pkcs11js.Handle,
): pkcs11js.Handle {
  const usages = permittedUsages(keyType, keyClass, request.usages);
  return tokenKeys.create({ key: tokenIdentity(request), keyClass, keyType, usages }, make);
}
