import { constants, createDecipheriv, createHmac, generateKeyPairSync, privateDecrypt, verify } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  EncodingOption,
  HashingAlgorithm,
  KeyFormatType,
  KeyWrapType,
  LinkType,
  ObjectType,
  Operation,
  PaddingMethod,
  ResultReason,
  WrappingMethod,
} from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import { type KeyBlock, type PlainKeyValue, plainKeyValue } from "#protocol/structures/key-block.js";
import { Tag } from "#protocol/tags.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { type ProtocolVersion, V1_2, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, registeredAesKey, requested } from "#test/support/kmip-actions.js";
import { ask, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const { act, values } = actionsOf(client, V2_1);
const secret = Buffer.from("00112233445566778899aabbccddeeff", "hex");
const wrappingSecret = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
const active = instance(attributes.activationDate, Math.floor(Date.now() / 1000) - 60);
const wraps = CryptographicUsageMask.WrapKey | CryptographicUsageMask.UnwrapKey;
const authenticates = CryptographicUsageMask.MACGenerate | CryptographicUsageMask.MACVerify;
const { NoEncoding } = EncodingOption;

type Made = { uniqueIdentifier: string };
type Got = Readonly<Record<"symmetricKey" | "privateKey", { keyBlock: KeyBlock }>>;

async function register(payload: unknown): Promise<string> {
  return (await act<Made>(Operation.Register, undefined, payload as object)).uniqueIdentifier;
}

function symmetric(
  keyMaterial: Buffer,
  mask: number,
  list: readonly CryptographicParameters[],
  ...more: AttributeInstance[]
) {
  const { symmetricKey } = registeredAesKey(keyMaterial) as { symmetricKey: { keyBlock: KeyBlock } };
  const own = list.map((parameters) => instance(attributes.cryptographicParameters, parameters));
  const set = requested(instance(attributes.cryptographicUsageMask, mask), active, ...own, ...more);
  return register({ objectType: ObjectType.SymmetricKey, attributes: set, symmetricKey });
}

const modes = {
  wrap: { blockCipherMode: BlockCipherMode.NISTKeyWrap },
  padded: { blockCipherMode: BlockCipherMode.AESKeyWrapPadding },
  cbc: { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 },
  gcm: { blockCipherMode: BlockCipherMode.GCM },
};
const kek = await symmetric(wrappingSecret, wraps, Object.values(modes));
const sha256 = { hashingAlgorithm: HashingAlgorithm.SHA_256 };
const macKey = await symmetric(wrappingSecret, authenticates, [sha256]);
const dek = await register(registeredAesKey(secret));

function by(uniqueIdentifier: string, cryptographicParameters?: CryptographicParameters) {
  return { uniqueIdentifier, cryptographicParameters };
}

function encrypting(parameters: CryptographicParameters | undefined, more: object = {}) {
  const encryptionKeyInformation = by(kek, parameters);
  return { wrappingMethod: WrappingMethod.Encrypt, encryptionKeyInformation, attributeNames: [], ...more };
}

async function wrapped(specification: object, id = dek, more: object = {}): Promise<KeyBlock> {
  const got = await act<Got>(Operation.Get, id, { keyWrappingSpecification: specification, ...more });
  return (got.symmetricKey ?? got.privateKey).keyBlock;
}

function bytesOf({ keyValue }: KeyBlock): Buffer {
  if (Buffer.isBuffer(keyValue)) return keyValue;
  if (Buffer.isBuffer(keyValue?.keyMaterial)) return keyValue.keyMaterial;
  throw new TypeError("the Key Value holds no bytes");
}

function plainOf(encoded: Buffer, version: ProtocolVersion = V2_1): PlainKeyValue {
  return plainKeyValue.decode(decodeItem(encoded), { version });
}

function opened(cipher: string, block: KeyBlock): Buffer {
  const initial = { "id-aes128-wrap": "a6a6a6a6a6a6a6a6", "id-aes128-wrap-pad": "a65959a6" }[cipher] ?? "";
  const decipher = createDecipheriv(
    cipher,
    wrappingSecret,
    block.keyWrappingData?.ivCounterNonce ?? Buffer.from(initial, "hex"),
  );
  return Buffer.concat([decipher.update(bytesOf(block)), decipher.final()]);
}

t.test("RFC 3394 wraps the bare key to what its example shows", async (t) => {
  const block = await wrapped(encrypting(modes.wrap, { encodingOption: NoEncoding }));
  t.equal(bytesOf(block).toString("hex"), "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
  t.equal(block.keyWrappingData?.encodingOption, NoEncoding);
});

t.test("without an Encoding Option the TTLV of the Key Value is wrapped, with the attributes asked for", async (t) => {
  const attributeNames = [attributes.cryptographicUsageMask.name];
  for (const [cipher, parameters] of [
    ["id-aes128-wrap", modes.wrap],
    ["id-aes128-wrap-pad", modes.padded],
    ["aes-128-cbc", modes.cbc],
  ] as const) {
    const block = await wrapped(encrypting(parameters, { attributeNames }));
    const { keyMaterial, attributes: inside } = plainOf(opened(cipher, block));
    t.same(keyMaterial, secret);
    t.same(inside, [{ name: attributes.cryptographicUsageMask.name, value: 12 }]);
  }
});

t.test("GCM puts its tag behind the ciphertext and makes its own nonce", async (t) => {
  const block = await wrapped(encrypting(modes.gcm, { encodingOption: NoEncoding }));
  const value = bytesOf(block);
  const nonce = block.keyWrappingData?.ivCounterNonce ?? Buffer.alloc(0);
  t.equal(nonce.length, 12);
  const decipher = createDecipheriv("aes-128-gcm", wrappingSecret, nonce).setAuthTag(value.subarray(16));
  t.same(Buffer.concat([decipher.update(value.subarray(0, 16)), decipher.final()]), secret);
});

t.test("a MAC alone leaves the Key Value in plaintext, and is made before or after encryption", async (t) => {
  const macSignatureKeyInformation = by(macKey, sha256);
  const hmac = (data: Buffer) => createHmac("sha256", wrappingSecret).update(data).digest();
  const alone = { wrappingMethod: WrappingMethod.MACSign, macSignatureKeyInformation, attributeNames: [] };
  const block = await wrapped({ ...alone, encodingOption: NoEncoding });
  t.match(block.keyValue, { keyMaterial: secret });
  t.same(block.keyWrappingData?.macSignature, hmac(secret));
  const inTtlv = await wrapped(alone);
  const encoded = encodeItem(
    plainKeyValue.encode(Tag.KeyValue, { keyMaterial: secret, attributes: [] }, { version: V2_1 }),
  );
  t.same(inTtlv.keyWrappingData?.macSignature, hmac(encoded));
  const both = encrypting(modes.wrap, { macSignatureKeyInformation, encodingOption: NoEncoding });
  const after = await wrapped({ ...both, wrappingMethod: WrappingMethod.EncryptThenMACSign });
  t.same(after.keyWrappingData?.macSignature, hmac(bytesOf(after)));
  const before = await wrapped({ ...both, wrappingMethod: WrappingMethod.MACSignThenEncrypt });
  t.same(before.keyWrappingData?.macSignature, hmac(secret));
  t.same(opened("id-aes128-wrap", before), secret);
});

const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });

function half(
  objectType: number,
  mask: number,
  list: readonly CryptographicParameters[],
  ...more: AttributeInstance[]
) {
  const isPrivate = objectType === ObjectType.PrivateKey;
  const keyMaterial = isPrivate
    ? pair.privateKey.export({ type: "pkcs8", format: "der" })
    : pair.publicKey.export({ type: "spki", format: "der" });
  const keyFormatType = isPrivate ? KeyFormatType.PKCS_8 : KeyFormatType.X_509;
  const keyBlock = { keyFormatType, keyValue: { keyMaterial } };
  const own = list.map((parameters) => instance(attributes.cryptographicParameters, parameters));
  const set = requested(instance(attributes.cryptographicUsageMask, mask), active, ...own, ...more);
  return register({ objectType, attributes: set, [isPrivate ? "privateKey" : "publicKey"]: { keyBlock } });
}

const oaep = { paddingMethod: PaddingMethod.OAEP, ...sha256, maskGeneratorHashingAlgorithm: HashingAlgorithm.SHA_256 };
const pkcs1 = { paddingMethod: PaddingMethod.PKCS1V1_5 };
const signing = { ...pkcs1, ...sha256 };

t.test(
  "a public key wraps with both paddings of RSA, a private key signs, and halves stand for each other",
  async (t) => {
    const linkTo = (linkType: number, identifier: string) =>
      instance(attributes.link, { linkType, linkedObjectIdentifier: { kind: "identifier", identifier } });
    const publicId = await half(ObjectType.PublicKey, wraps, [oaep, pkcs1]);
    const unwraps = CryptographicUsageMask.Sign | CryptographicUsageMask.UnwrapKey;
    const privateId = await half(ObjectType.PrivateKey, unwraps, [signing], linkTo(LinkType.PublicKeyLink, publicId));
    for (const [parameters, padding] of [
      [oaep, { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }],
      [pkcs1, { padding: constants.RSA_NO_PADDING }],
    ] as const) {
      const specification = {
        ...encrypting(undefined, { encodingOption: NoEncoding, wrappingMethod: WrappingMethod.EncryptThenMACSign }),
        encryptionKeyInformation: by(privateId, parameters),
        macSignatureKeyInformation: by(privateId),
      };
      const block = await wrapped(specification);
      const open = privateDecrypt({ key: pair.privateKey, ...padding }, bytesOf(block));
      t.same(open.subarray(-secret.length), secret);
      const signature = block.keyWrappingData?.macSignature ?? Buffer.alloc(0);
      t.ok(verify("sha256", bytesOf(block), pair.publicKey, signature));
    }
  },
);

/** Registers a key as it was wrapped, and gives its identifier. */
function registerWrapped(keyBlock: KeyBlock): Promise<string> {
  return register({
    objectType: ObjectType.SymmetricKey,
    attributes: requested(instance(attributes.cryptographicUsageMask, 12)),
    symmetricKey: { keyBlock },
  });
}

t.test("a key that comes wrapped in any way is given as it came and unwrapped", async (t) => {
  const macSignatureKeyInformation = by(macKey, sha256);
  const ways = [
    ...Object.values(modes).map((mode) => encrypting(mode)),
    encrypting(modes.wrap, { encodingOption: NoEncoding }),
    encrypting(modes.gcm, { wrappingMethod: WrappingMethod.EncryptThenMACSign, macSignatureKeyInformation }),
    encrypting(modes.wrap, { wrappingMethod: WrappingMethod.MACSignThenEncrypt, macSignatureKeyInformation }),
    { wrappingMethod: WrappingMethod.MACSign, macSignatureKeyInformation, attributeNames: [] },
  ];
  for (const way of ways) {
    const block = await wrapped(way);
    const id = await registerWrapped(block);
    t.same((await act<Got>(Operation.Get, id)).symmetricKey.keyBlock, block);
    const plain = await act<Got>(Operation.Get, id, { keyWrapType: KeyWrapType.NotWrapped });
    t.match(plain.symmetricKey.keyBlock, { keyValue: { keyMaterial: secret }, cryptographicLength: 128 });
    t.equal(plain.symmetricKey.keyBlock.keyWrappingData, undefined);
    const anew = await wrapped(encrypting(modes.wrap, { encodingOption: NoEncoding }), id);
    t.same(opened("id-aes128-wrap", anew), secret);
  }
  const id = await registerWrapped(await wrapped(encrypting(modes.wrap)));
  const links = await values(id, attributes.link);
  t.match(links, [{ linkType: LinkType.WrappingKeyLink, linkedObjectIdentifier: { identifier: kek } }]);
  t.same(await actionsOf(client, V1_4).values(id, attributes.link), [], "1.4 knows no such link");
});

async function refusal(payload: object, version: ProtocolVersion = V2_1): Promise<number | undefined> {
  return (await ask(client, version, { operation: Operation.Get, payload })).reason;
}

t.test("an altered key, a MAC that is wrong, and one that may not unwrap are refused", async (t) => {
  const block = await wrapped(encrypting(modes.gcm));
  const value = Buffer.from(bytesOf(block));
  value[0] = (value[0] ?? 0) ^ 1;
  const altered = await registerWrapped({ ...block, keyValue: value });
  const unwrapped = (id: string) => ({ uniqueIdentifier: named(id), keyWrapType: KeyWrapType.NotWrapped });
  t.equal(await refusal(unwrapped(altered)), ResultReason.CryptographicFailure);
  const mac = { wrappingMethod: WrappingMethod.MACSign, macSignatureKeyInformation: by(macKey), attributeNames: [] };
  const signed = await wrapped(mac);
  const data = { wrappingMethod: WrappingMethod.MACSign, ...signed.keyWrappingData, macSignature: Buffer.alloc(32) };
  const forged = await registerWrapped({ ...signed, keyWrappingData: data });
  t.equal(await refusal(unwrapped(forged)), ResultReason.CryptographicFailure);
  const wrapsOnly = await symmetric(wrappingSecret, CryptographicUsageMask.WrapKey, [modes.wrap]);
  const once = { ...encrypting(modes.wrap), encryptionKeyInformation: by(wrapsOnly, modes.wrap) };
  const oneWay = await registerWrapped(await wrapped(once));
  t.equal(await refusal(unwrapped(oneWay)), ResultReason.IncompatibleCryptographicUsageMask);
  const both = { ...unwrapped(oneWay), keyWrapType: KeyWrapType.AsRegistered, keyWrappingSpecification: once };
  t.equal(await refusal(both), ResultReason.KeyWrapTypeNotSupported);
});

t.test("what cannot be wrapped is refused with the reason of the version", async (t) => {
  const { revoke, destroy } = actionsOf(client, V2_1);
  const gone = await symmetric(wrappingSecret, wraps, [modes.wrap]);
  await revoke(gone);
  const deactivated = { ...encrypting(modes.wrap), encryptionKeyInformation: by(gone, modes.wrap) };
  const asked = (keyWrappingSpecification: object) => ({ uniqueIdentifier: named(dek), keyWrappingSpecification });
  t.equal(await refusal(asked(deactivated)), ResultReason.WrongKeyLifecycleState);
  await destroy(gone);
  const sensitive = await symmetric(secret, 12, [], instance(attributes.sensitive, true));
  const mac = { wrappingMethod: WrappingMethod.MACSign, macSignatureKeyInformation: by(macKey), attributeNames: [] };
  const password = { ...encrypting(modes.wrap), encryptionKeyInformation: by(await opaque(), modes.wrap) };
  const cases = [
    [asked(deactivated), "WrappingObjectDestroyed", "ItemNotFound"],
    [
      asked({ ...encrypting(modes.wrap), encryptionKeyInformation: by("nothing") }),
      "WrappingObjectNotFound",
      "ItemNotFound",
    ],
    [
      asked({ ...encrypting(modes.wrap), encryptionKeyInformation: by(dek) }),
      "IncompatibleCryptographicUsageMask",
      "PermissionDenied",
    ],
    [asked(password), "InvalidObjectType", "IllegalOperation"],
    [asked(encrypting({ blockCipherMode: BlockCipherMode.CTR })), "BadCryptographicParameters", "ItemNotFound"],
    [
      asked(encrypting(modes.wrap, { wrappingMethod: WrappingMethod.TR_31 })),
      "FeatureNotSupported",
      "FeatureNotSupported",
    ],
    [asked(encrypting(modes.wrap, { wrappingMethod: WrappingMethod.MACSign })), "InvalidField", "InvalidField"],
    [
      asked(encrypting(modes.wrap, { encodingOption: NoEncoding, attributeNames: ["Name"] })),
      "EncodingOptionError",
      "EncodingOptionError",
    ],
    [asked(encrypting(modes.wrap, { encodingOption: 0x80000001 })), "EncodingOptionError", "EncodingOptionError"],
    [
      {
        ...asked(encrypting(modes.wrap, { encodingOption: NoEncoding })),
        keyFormatType: KeyFormatType.TransparentSymmetricKey,
      },
      "EncodingOptionError",
      "EncodingOptionError",
    ],
    [{ uniqueIdentifier: named(sensitive), keyWrappingSpecification: mac }, "Sensitive", "Sensitive"],
  ] as const;
  for (const [payload, reason, earlier] of cases) {
    t.equal(await refusal(payload), ResultReason[reason], reason);
    t.equal(await refusal(payload, V1_4), ResultReason[earlier], `${reason} in 1.4`);
  }
});

async function opaque(): Promise<string> {
  const opaqueObject = { opaqueDataType: 0x80000001, opaqueDataValue: secret };
  return register({ objectType: ObjectType.OpaqueObject, attributes: requested(), opaqueObject });
}

t.test(
  "the key's first Cryptographic Parameters count where none are given; before 2.0 it must have some",
  async (t) => {
    t.same(opened("id-aes128-wrap", await wrapped(encrypting(undefined, { encodingOption: NoEncoding }))), secret);
    const without = await symmetric(wrappingSecret, wraps, []);
    const specification = { ...encrypting(undefined), encryptionKeyInformation: by(without) };
    t.same(plainOf(opened("id-aes128-wrap", await wrapped(specification))).keyMaterial, secret);
    const payload = { uniqueIdentifier: named(dek), keyWrappingSpecification: specification };
    t.equal(await refusal(payload, V2_0), undefined);
    t.equal(await refusal(payload, V1_2), ResultReason.ItemNotFound);
  },
);

t.test("a wrapping key without Cryptographic Parameters of its own is used with those of the request", async (t) => {
  const without = await symmetric(wrappingSecret, wraps, []);
  const specification = { ...encrypting(modes.wrap), encryptionKeyInformation: by(without, modes.wrap) };
  const payload = { uniqueIdentifier: named(dek), keyWrappingSpecification: specification };
  for (const version of [V1_2, V2_1]) t.equal(await refusal(payload, version), undefined);
});

t.test("a private key and a transparent key are wrapped in TTLV", async (t) => {
  const privateId = await half(ObjectType.PrivateKey, CryptographicUsageMask.Sign, []);
  const block = await wrapped(encrypting(modes.wrap), privateId, {
    keyFormatType: KeyFormatType.TransparentRSAPrivateKey,
  });
  const { keyMaterial } = plainOf(opened("id-aes128-wrap", block));
  t.match(keyMaterial, { publicExponent: 65537n });
  t.equal(block.cryptographicAlgorithm, CryptographicAlgorithm.RSA);
});

t.test("Import unwraps a key before it is stored, with the attributes that were wrapped inside", async (t) => {
  const attributeNames = [attributes.cryptographicUsageMask.name];
  const keyBlock = await wrapped(encrypting(modes.cbc, { attributeNames }));
  const payload = { uniqueIdentifier: "imported", keyWrapType: KeyWrapType.NotWrapped, attributes: [] };
  await act(Operation.Import, undefined, {
    ...payload,
    objectType: ObjectType.SymmetricKey,
    symmetricKey: { keyBlock },
  });
  const got = await act<Got>(Operation.Get, "imported");
  t.match(got.symmetricKey.keyBlock, { keyValue: { keyMaterial: secret }, cryptographicLength: 128 });
  t.same(await values("imported", attributes.cryptographicUsageMask), [12]);
});
