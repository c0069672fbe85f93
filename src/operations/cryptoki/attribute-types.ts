/** How the value of an attribute is written; `bytes` and `text` have a length before them, the others a fixed size. */
export type ValueKind = "ulong" | "boolean" | "bytes" | "text" | "date" | "ulongs" | "template";

/** The attributes that are known, by the name of the standard without CKA_: number and kind of value. */
export const attributeRows = {
  CLASS: [0x00, "ulong"],
  TOKEN: [0x01, "boolean"],
  PRIVATE: [0x02, "boolean"],
  LABEL: [0x03, "text"],
  UNIQUE_ID: [0x04, "text"],
  APPLICATION: [0x10, "text"],
  VALUE: [0x11, "bytes"],
  OBJECT_ID: [0x12, "bytes"],
  CERTIFICATE_TYPE: [0x80, "ulong"],
  ISSUER: [0x81, "bytes"],
  SERIAL_NUMBER: [0x82, "bytes"],
  TRUSTED: [0x86, "boolean"],
  CERTIFICATE_CATEGORY: [0x87, "ulong"],
  JAVA_MIDP_SECURITY_DOMAIN: [0x88, "ulong"],
  URL: [0x89, "text"],
  NAME_HASH_ALGORITHM: [0x8c, "ulong"],
  CHECK_VALUE: [0x90, "bytes"],
  KEY_TYPE: [0x100, "ulong"],
  SUBJECT: [0x101, "bytes"],
  ID: [0x102, "bytes"],
  SENSITIVE: [0x103, "boolean"],
  ENCRYPT: [0x104, "boolean"],
  DECRYPT: [0x105, "boolean"],
  WRAP: [0x106, "boolean"],
  UNWRAP: [0x107, "boolean"],
  SIGN: [0x108, "boolean"],
  SIGN_RECOVER: [0x109, "boolean"],
  VERIFY: [0x10a, "boolean"],
  VERIFY_RECOVER: [0x10b, "boolean"],
  DERIVE: [0x10c, "boolean"],
  START_DATE: [0x110, "date"],
  END_DATE: [0x111, "date"],
  MODULUS: [0x120, "bytes"],
  MODULUS_BITS: [0x121, "ulong"],
  PUBLIC_EXPONENT: [0x122, "bytes"],
  PRIVATE_EXPONENT: [0x123, "bytes"],
  PRIME_1: [0x124, "bytes"],
  PRIME_2: [0x125, "bytes"],
  EXPONENT_1: [0x126, "bytes"],
  EXPONENT_2: [0x127, "bytes"],
  COEFFICIENT: [0x128, "bytes"],
  PUBLIC_KEY_INFO: [0x129, "bytes"],
  PRIME_BITS: [0x133, "ulong"],
  SUBPRIME_BITS: [0x134, "ulong"],
  VALUE_BITS: [0x160, "ulong"],
  VALUE_LEN: [0x161, "ulong"],
  EXTRACTABLE: [0x162, "boolean"],
  LOCAL: [0x163, "boolean"],
  NEVER_EXTRACTABLE: [0x164, "boolean"],
  ALWAYS_SENSITIVE: [0x165, "boolean"],
  KEY_GEN_MECHANISM: [0x166, "ulong"],
  MODIFIABLE: [0x170, "boolean"],
  COPYABLE: [0x171, "boolean"],
  DESTROYABLE: [0x172, "boolean"],
  EC_PARAMS: [0x180, "bytes"],
  EC_POINT: [0x181, "bytes"],
  ALWAYS_AUTHENTICATE: [0x202, "boolean"],
  WRAP_WITH_TRUSTED: [0x210, "boolean"],
  HW_FEATURE_TYPE: [0x300, "ulong"],
  MECHANISM_TYPE: [0x500, "ulong"],
  PROFILE_ID: [0x601, "ulong"],
  WRAP_TEMPLATE: [0x40000211, "template"],
  UNWRAP_TEMPLATE: [0x40000212, "template"],
  DERIVE_TEMPLATE: [0x40000213, "template"],
  ALLOWED_MECHANISMS: [0x40000600, "ulongs"],
} as const satisfies Readonly<Record<string, readonly [number, ValueKind]>>;

/** The name of an attribute, without CKA_. */
export type AttributeName = keyof typeof attributeRows;

const rows = Object.entries(attributeRows) as [AttributeName, readonly [number, ValueKind]][];
const namesByType = new Map<number, AttributeName>(rows.map(([name, [type]]) => [type, name]));

/** The name of an attribute type, or undefined for one that is not known. */
export function attributeNamed(type: number): AttributeName | undefined {
  return namesByType.get(type);
}

/** How an attribute's value is written; of those that are not known, as bytes with their length. */
export function valueKindOf(type: number): ValueKind {
  const name = namesByType.get(type);
  return name === undefined ? "bytes" : attributeRows[name][1];
}
