/** Where key material lives (docs/architecture.md, "Custody"). */
export type Custody = "wrapped" | "token" | "software";

/** The kinds of key the engine tells apart. `generic` serves HMAC keys, secret data and every opaque byte string. */
export type KeyType = "aes" | "des3" | "generic" | "rsa" | "ec";

/** The kinds of key of managed objects: beside those of the engine, those that only software uses. */
export type MaterialKeyType = KeyType | "dsa" | "edwards" | "dh" | "montgomery";

const engineTypes: ReadonlySet<MaterialKeyType> = new Set<KeyType>(["aes", "des3", "generic", "rsa", "ec"]);

/** Whether the engine knows keys of a type. */
export function isOfEngine(keyType: MaterialKeyType): keyType is KeyType {
  return engineTypes.has(keyType);
}
