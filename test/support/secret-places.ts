import { asking, attribute, register } from "./asking.js";

/** What no trace may hold. */
export const marker = "MARKED-SECRET-31";
/** The same as hexadecimal digits. */
export const markerHex = Buffer.from(marker).toString("hex");
const markedBytes = `h'${markerHex}'`;
const markedText = JSON.stringify(marker);
/** The same as a number. */
export const markerNumber = `0x${markerHex}`;

const keyBlock = (format: string, ...material: readonly string[]) => [
  "  KeyBlock",
  `    KeyFormatType: ${format}`,
  "    KeyValue",
  ...material.map((line) => `      ${line}`),
  "    CryptographicAlgorithm: AES",
  "    CryptographicLength: 128",
];
const credential = (type: string, ...fields: readonly string[]) => [
  "Authentication",
  "  Credential",
  `    CredentialType: ${type}`,
  "    CredentialValue",
  ...fields.map((field) => `      ${field}`),
];
const id = ['UniqueIdentifier: "1"'];
const parameters = ["CryptographicParameters", "  BlockCipherMode: CBC"];

/** Every place of a message in which something secret stands, with a marked secret in it. */
export const secretPlaces: readonly (readonly string[])[] = [
  asking("Register", [
    ...register("SymmetricKey", ...attribute("Cryptographic Usage Mask", ": Encrypt|Decrypt")),
    "SymmetricKey",
    ...keyBlock("Raw", `KeyMaterial: ${markedBytes}`),
  ]),
  asking("Register", [
    ...register("SymmetricKey"),
    "SymmetricKey",
    ...keyBlock("TransparentSymmetricKey", "KeyMaterial", `  Key: ${markedBytes}`),
  ]),
  asking("Register", [
    ...register("PrivateKey"),
    "PrivateKey",
    ...keyBlock(
      "TransparentRSAPrivateKey",
      "KeyMaterial",
      `  Modulus: ${markerNumber}`,
      `  PrivateExponent: ${markerNumber}`,
    ),
  ]),
  asking("Register", [...register("PublicKey"), "PublicKey", ...keyBlock("PKCS_1", `KeyMaterial: ${markedBytes}`)]),
  asking("Register", [
    ...register("SymmetricKey"),
    "SymmetricKey",
    "  KeyBlock",
    "    KeyFormatType: Raw",
    `    KeyValue (ByteString): ${markedBytes}`,
    "    KeyWrappingData",
    "      WrappingMethod: Encrypt",
    `      MACSignature: ${markedBytes}`,
    `      IVCounterNonce: ${markedBytes}`,
  ]),
  asking("Register", [
    ...register("SymmetricKey"),
    "SymmetricKey",
    ...keyBlock(
      "Raw",
      `KeyMaterial: ${markedBytes}`,
      "Attribute",
      '  AttributeName: "Name"',
      `  AttributeValue: ${markedText}`,
    ),
  ]),
  asking("Register", [
    ...register("SecretData"),
    "SecretData",
    "  SecretDataType: Password",
    ...keyBlock("Opaque", `KeyMaterial: ${markedBytes}`),
  ]),
  asking("Register", [
    ...register("OpaqueObject"),
    "OpaqueObject",
    "  OpaqueDataType: 0x80000001",
    `  OpaqueDataValue: ${markedBytes}`,
  ]),
  asking("Register", [
    ...register("SplitKey"),
    "SplitKey",
    "  SplitKeyParts: 2",
    "  KeyPartIdentifier: 1",
    "  SplitKeyThreshold: 2",
    "  SplitKeyMethod: XOR",
    ...keyBlock("Raw", `KeyMaterial: ${markedBytes}`),
  ]),
  ...["text", "bytes"].map((kind) =>
    asking("Create", [
      ...register("SymmetricKey"),
      ...attribute("x-note", `: ${kind === "text" ? markedText : markedBytes}`),
    ]),
  ),
  asking("Locate", attribute("y-note", " (BigInteger): ".concat(markerNumber))),
  asking(
    "SetAttribute",
    [
      ...id,
      "NewAttribute",
      "  Attribute",
      '    VendorIdentification: "acme"',
      '    AttributeName: "Name"',
      `    AttributeValue: ${markedText}`,
    ],
    { version: "2.1" },
  ),
  asking(
    "Import",
    [
      ...id,
      "ObjectType: SymmetricKey",
      "Attributes",
      "SymmetricKey",
      ...keyBlock("Raw", `KeyMaterial: ${markedBytes}`),
    ],
    { version: "2.1" },
  ),
  asking("Encrypt", [
    ...id,
    ...parameters,
    `Data: ${markedBytes}`,
    `IVCounterNonce: ${markedBytes}`,
    `AuthenticatedEncryptionAdditionalData: ${markedBytes}`,
  ]),
  asking("Decrypt", [...id, ...parameters, `Data: ${markedBytes}`, `AuthenticatedEncryptionTag: ${markedBytes}`]),
  asking("Sign", [...id, `Data: ${markedBytes}`]),
  asking("Sign", [...id, `DigestedData: ${markedBytes}`], { version: "2.1" }),
  asking("SignatureVerify", [...id, `Data: ${markedBytes}`, `SignatureData: ${markedBytes}`]),
  asking("MAC", [...id, `Data: ${markedBytes}`]),
  asking("MACVerify", [...id, `Data: ${markedBytes}`, `MACData: ${markedBytes}`]),
  asking("Hash", ["CryptographicParameters", "  HashingAlgorithm: SHA_256", `Data: ${markedBytes}`]),
  asking("DeriveKey", [
    "ObjectType: SymmetricKey",
    ...id,
    "DerivationMethod: PBKDF2",
    "DerivationParameters",
    `  InitializationVector: ${markedBytes}`,
    `  DerivationData: ${markedBytes}`,
    `  Salt: ${markedBytes}`,
  ]),
  asking("RNGSeed", [`Data: ${markedBytes}`]),
  asking("PKCS_11", ["PKCS_11Function: C_Initialize", `PKCS_11InputParameters: ${markedBytes}`], { version: "2.1" }),
  asking("Log", [`LogMessage: ${markedText}`], { version: "2.1" }),
  asking("Query", ["QueryFunction: QueryOperations"], {
    header: credential("UsernameAndPassword", 'Username: "somebody"', `Password: ${markedText}`),
  }),
  asking("Query", ["QueryFunction: QueryOperations"], {
    header: credential("Device", 'DeviceSerialNumber: "7"', `Password: ${markedText}`),
  }),
  asking("Query", ["QueryFunction: QueryOperations"], {
    header: credential(
      "Attestation",
      "Nonce",
      `  NonceID: ${markedBytes}`,
      `  NonceValue: ${markedBytes}`,
      "AttestationType: TPMQuote",
      `AttestationMeasurement: ${markedBytes}`,
      `AttestationAssertion: ${markedBytes}`,
    ),
  }),
  asking("Query", ["QueryFunction: QueryOperations"], {
    version: "2.1",
    header: credential(
      "OneTimePassword",
      'Username: "somebody"',
      `Password: ${markedText}`,
      `OneTimePassword: ${markedText}`,
    ),
  }),
  asking("Query", ["QueryFunction: QueryOperations"], {
    version: "2.1",
    header: credential("HashedPassword", 'Username: "somebody"', `HashedPassword: ${markedBytes}`),
  }),
  asking("Query", ["QueryFunction: QueryOperations"], {
    version: "2.1",
    header: credential("Ticket", "Ticket", "  TicketType: Login", `  TicketValue: ${markedBytes}`),
  }),
  asking("Query", ["QueryFunction: QueryOperations"], {
    behind: [
      "MessageExtension",
      '  VendorIdentification: "acme"',
      "  CriticalityIndicator: false",
      "  VendorExtension",
      `    NameValue: ${markedText}`,
      `    0x540001: ${markedText}`,
    ],
  }),
  asking("Query", [
    "QueryFunction: QueryOperations",
    `0x540002: ${markedText}`,
    "0x540003",
    `  UniqueIdentifier: ${markedText}`,
    `0x42fffe: ${markedText}`,
  ]),
  [
    "connect connection xml over xml",
    ...asking("Encrypt", [...id, ...parameters, `Data: ${markedBytes}`], { connection: "xml" }),
    "connect connection json over json",
    ...asking("Encrypt", [...id, ...parameters, `Data: ${markedBytes}`], { connection: "json" }),
  ],
];
