/** Where key material lives (docs/architecture.md, "Custody"). */
export type Custody = "wrapped" | "token" | "software";

/** The kinds of key the engine tells apart. `generic` serves HMAC keys, secret data and every opaque byte string. */
export type KeyType = "aes" | "des3" | "generic" | "rsa" | "ec";

/** The kinds of key of managed objects: beside those of the engine, DSA and Edwards curve keys, which software uses. */
export type MaterialKeyType = KeyType | "dsa" | "edwards";
