/** Values of PKCS#11 3.0 that clients send and are answered with, one row per fact. */

/** CK_OBJECT_CLASS. */
export const ObjectClass = { data: 0, certificate: 1, publicKey: 2, privateKey: 3, secretKey: 4 } as const;

/** CK_KEY_TYPE. */
export const KeyKind = { rsa: 0x00, ec: 0x03, generic: 0x10, des2: 0x14, des3: 0x15, aes: 0x1f } as const;

/** CK_CERTIFICATE_TYPE: X.509 is the only one that is kept. */
export const certificateX509 = 0;

/** CK_USER_TYPE. */
export const UserKind = { securityOfficer: 0, user: 1 } as const;

/** CK_FLAGS of sessions. */
export const SessionFlag = { readWrite: 0x2, serial: 0x4 } as const;

/** CK_STATE: without and with C_Login, by what the session may do. */
export const SessionState = { readPublic: 0, readUser: 1, writePublic: 2, writeUser: 3 } as const;

/** CK_FLAGS of slots and tokens that are told. */
export const TokenFlag = {
  /** Slot: a token is in it. */
  present: 0x1,
  randomNumbers: 0x1,
  userPinInitialised: 0x8,
  /** The user is known by other means than a PIN: here, by the certificate of the client. */
  protectedAuthenticationPath: 0x100,
  initialised: 0x400,
} as const;

/** CK_FLAGS of mechanisms, by the names the partition's information has for them. */
export const mechanismFlags = {
  hardware: 0x1,
  encrypt: 0x100,
  decrypt: 0x200,
  digest: 0x400,
  sign: 0x800,
  verify: 0x2000,
  generate: 0x8000,
  "generate-pair": 0x10000,
  wrap: 0x20000,
  unwrap: 0x40000,
} as const;

/** One use of a mechanism. */
export type MechanismFlag = keyof typeof mechanismFlags;

/** CK_UNAVAILABLE_INFORMATION. */
export const unavailableInformation = 0xffffffffffffffffn;

/** The name of the only interface there is (PKCS#11 3.0 §5.4.5). */
export const interfaceName = "PKCS 11";

/** Version of the encoding of parameters, which C_Initialize announces (KMIP Profiles 2.1, PKCS#11 Encoding). */
export const encodingVersion = 1;
