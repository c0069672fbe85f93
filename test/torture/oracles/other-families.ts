import { randomBytes, randomUUID, sign } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  DigitalSignatureAlgorithm,
  EncodingOption,
  KeyFormatType,
  KeyWrapType,
  ObjectType,
  Operation,
  PaddingMethod,
  PKCS_11Function,
  WrappingMethod,
} from "#protocol/enums/index.js";
import { ParameterWriter } from "#src/operations/cryptoki/parameters.js";
import { type CryptokiClient, vectorParameter, writeMechanism, writeTemplate } from "#test/support/cryptoki.js";
import { instance } from "#test/support/kmip-actions.js";
import { named } from "#test/support/kmip-client-messages.js";
import { altered, cbc, ending, keyWrapped, known, macOf, paddingWrong, pkcs1Encoded, raised } from "./ciphertexts.js";
import { kind, pkcs1Ciphertexts } from "./decrypt-families.js";
import { encoded, type Family, type KindOfCiphertext, oneMessage, type Try, timed } from "./family.js";
import { pkcs1, type ServerKeys } from "./server-keys.js";

/** Of what stores an object, or costs several messages. */
const fewer = 2000;

/** Imports a key as a client wrapped it, in plaintext. */
function importing(value: Buffer, wrapping: object): Try {
  const keyBlock = {
    keyFormatType: KeyFormatType.Raw,
    keyValue: value,
    cryptographicAlgorithm: CryptographicAlgorithm.AES,
    cryptographicLength: 256,
    keyWrappingData: { wrappingMethod: WrappingMethod.Encrypt, encodingOption: EncodingOption.NoEncoding, ...wrapping },
  };
  return (client) =>
    timed(
      client,
      encoded({
        operation: Operation.Import,
        payload: {
          uniqueIdentifier: randomUUID(),
          objectType: ObjectType.SymmetricKey,
          keyWrapType: KeyWrapType.NotWrapped,
          attributes: [instance(attributes.cryptographicUsageMask, 12)],
          symmetricKey: { keyBlock },
        },
      }),
      Operation.Import,
    );
}

function byKeyWrap(keys: ServerKeys): Family {
  const wrap = by(keys.aes, { blockCipherMode: BlockCipherMode.NISTKeyWrap });
  return {
    name: "Import by AES key wrap",
    timed: false,
    most: fewer,
    kinds: [
      kind("good", true, () => importing(keyWrapped(randomBytes(32)), wrap)),
      kind("altered", false, () => importing(altered(keyWrapped(randomBytes(32)), 9), wrap)),
      kind("of another key", false, () => importing(keyWrapped(randomBytes(32), known.otherAes), wrap)),
      kind("no whole blocks", false, () => importing(randomBytes(39), wrap)),
      kind("too short", false, () => importing(randomBytes(8), wrap)),
      kind("another length than the key has", false, () => importing(keyWrapped(randomBytes(24)), wrap)),
      kind("no TTLV inside", false, () =>
        importing(keyWrapped(randomBytes(32)), { ...wrap, encodingOption: EncodingOption.TTLVEncoding }),
      ),
    ],
  };
}

function by(uniqueIdentifier: string, cryptographicParameters: object) {
  return { encryptionKeyInformation: { uniqueIdentifier, cryptographicParameters } };
}

function byCbc(keys: ServerKeys): readonly Family[] {
  const iv = randomBytes(16);
  const padded = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };
  const inCbc = { ...by(keys.aes, padded), ivCounterNonce: iv };
  const full = (last: Buffer) => Buffer.concat([randomBytes(16), last]);
  const macThen = {
    ...inCbc,
    wrappingMethod: WrappingMethod.MACSignThenEncrypt,
    macSignatureKeyInformation: { uniqueIdentifier: keys.mac },
  };
  const key = randomBytes(32);
  const blocks = cbc(Buffer.concat([key, Buffer.alloc(16, 16)]), iv);
  const wrongBlocks = cbc(Buffer.concat([key, Buffer.alloc(15, 16), Buffer.from([0])]), iv);
  const mac = macOf(key);
  return [
    {
      name: "Import by AES-CBC",
      timed: false,
      most: fewer,
      kinds: [
        kind("good", true, () => importing(blocks, inCbc)),
        ...Object.entries(paddingWrong).map(([wrong, make]) =>
          kind(wrong, false, () => importing(cbc(full(make()), iv), inCbc)),
        ),
        kind("another length than the key has", false, () => importing(cbc(ending(1), iv), inCbc)),
      ],
    },
    {
      name: "Import of MAC then encrypt",
      timed: true,
      most: fewer,
      kinds: [
        kind("good", true, () => importing(blocks, { ...macThen, macSignature: mac })),
        kind("bad padding", false, () => importing(wrongBlocks, { ...macThen, macSignature: mac })),
        kind("a wrong MAC", false, () => importing(blocks, { ...macThen, macSignature: altered(mac, 0) })),
      ],
    },
  ];
}

function byPkcs1(keys: ServerKeys): Family {
  return {
    name: "Import by RSA PKCS#1 v1.5",
    timed: false,
    most: fewer,
    rejectsSilently: true,
    kinds: [
      kind("good", true, () => importing(raised(pkcs1Encoded(32)), by(keys.rsa, pkcs1))),
      kind("another length than the key has", false, () => importing(raised(pkcs1Encoded(24)), by(keys.rsa, pkcs1))),
      ...Object.entries(pkcs1Ciphertexts()).map(([name, make]) =>
        kind(name, false, () => importing(make(), by(keys.rsa, pkcs1))),
      ),
    ],
  };
}

/** Codes and signatures: what is wrong is an answer, the same for all. */
function verifyFamilies(keys: ServerKeys): readonly Family[] {
  const data = randomBytes(64);
  const ofMac = (macData: Buffer) =>
    oneMessage(Operation.MACVerify, { uniqueIdentifier: named(keys.mac), data, macData });
  const signature = sign("sha256", data, known.pair.privateKey);
  const ofSignature = (signatureData: Buffer) =>
    oneMessage(Operation.SignatureVerify, {
      uniqueIdentifier: named(keys.rsaPublic),
      cryptographicParameters: { digitalSignatureAlgorithm: DigitalSignatureAlgorithm.SHA_256WithRSAEncryption },
      data,
      signatureData,
    });
  const bytesOf = (code: Buffer, check: (bytes: Buffer) => Try): readonly KindOfCiphertext[] => [
    kind("good", true, () => check(code)),
    kind("the first byte", false, () => check(altered(code, 0))),
    kind("the last byte", false, () => check(altered(code, -1))),
    kind("all bytes", false, () => check(randomBytes(code.length).fill(0, 0, 1))),
  ];
  return [
    { name: "MAC Verify", timed: true, kinds: bytesOf(macOf(data), ofMac) },
    { name: "Signature Verify", timed: false, most: fewer, kinds: bytesOf(signature, ofSignature) },
  ];
}

/** Tries over the pass-through of PKCS#11, of one session. */
class CryptokiTries {
  constructor(
    private readonly correlationValue: Buffer | undefined,
    private readonly session: bigint,
  ) {}

  /** C_DecryptInit, and then C_Decrypt, whose time is taken. */
  decrypting(key: bigint, mechanism: readonly [number, Buffer?], data: Buffer): Try {
    const start = writeMechanism(new ParameterWriter().ulong(this.session), ...mechanism).ulong(key);
    const init = this.message(PKCS_11Function.C_DecryptInit, start);
    const whole = new ParameterWriter().ulong(this.session).counted(data).boolean(true).length(4096);
    const last = this.message(PKCS_11Function.C_Decrypt, whole);
    return async (client) => {
      const begun = await timed(client, init, Operation.PKCS_11);
      return begun.outcome === "CKR_OK" ? timed(client, last, Operation.PKCS_11) : begun;
    };
  }

  /** C_UnwrapKey of an AES-256 key by CKM_RSA_PKCS. */
  unwrapping(key: bigint, bytes: Buffer): Try {
    const input = writeMechanism(new ParameterWriter().ulong(this.session), 0x01).ulong(key).counted(bytes);
    const template = { CLASS: 4, KEY_TYPE: 0x1f, VALUE_LEN: 32, EXTRACTABLE: true, SENSITIVE: false };
    const whole = this.message(PKCS_11Function.C_UnwrapKey, writeTemplate(input, template));
    return (client) => timed(client, whole, Operation.PKCS_11);
  }

  private message(pkcs11Function: number, input: ParameterWriter): Buffer {
    const { correlationValue } = this;
    const payload = { correlationValue, pkcs11Function, pkcs11InputParameters: input.done() };
    return encoded({ operation: Operation.PKCS_11, payload });
  }
}

/** The families of the pass-through of PKCS#11. */
export async function cryptokiFamilies(cryptoki: CryptokiClient): Promise<readonly Family[]> {
  const session = await cryptoki.openSession();
  const handleOf = async (name: string) => (await cryptoki.find(session, { LABEL: `oracles ${name}` }))[0] ?? 0n;
  const [aes, rsa] = [await handleOf("aes"), await handleOf("rsa")];
  const tries = new CryptokiTries(cryptoki.correlationValue, session);
  const iv = randomBytes(16);
  const ofCbc = (data: Buffer) => tries.decrypting(aes, [0x1085, vectorParameter(iv)], data);
  const wrong = Object.entries(pkcs1Ciphertexts());
  return [
    {
      name: "C_Decrypt, CKM_AES_CBC_PAD",
      timed: false,
      most: fewer,
      kinds: [
        kind("good", true, () => ofCbc(cbc(ending(1), iv))),
        ...Object.entries(paddingWrong).map(([name, make]) => kind(name, false, () => ofCbc(cbc(make(), iv)))),
        kind("no whole blocks", false, () => ofCbc(randomBytes(33))),
      ],
    },
    {
      name: "C_Decrypt, CKM_RSA_PKCS",
      timed: false,
      most: fewer,
      rejectsSilently: true,
      kinds: [
        kind("good", true, () => tries.decrypting(rsa, [0x01], raised(pkcs1Encoded()))),
        ...wrong.map(([name, make]) => kind(name, false, () => tries.decrypting(rsa, [0x01], make()))),
      ],
    },
    {
      name: "C_UnwrapKey, CKM_RSA_PKCS",
      timed: false,
      most: 20,
      rejectsSilently: true,
      kinds: [
        kind("good", true, () => tries.unwrapping(rsa, raised(pkcs1Encoded(32)))),
        kind("another length than the key has", false, () => tries.unwrapping(rsa, raised(pkcs1Encoded(24)))),
        ...wrong.map(([name, make]) => kind(name, false, () => tries.unwrapping(rsa, make()))),
      ],
    },
  ];
}

/** The families of unwrapping and verifying. */
export function otherFamilies(keys: ServerKeys): readonly Family[] {
  return [byKeyWrap(keys), ...byCbc(keys), byPkcs1(keys), ...verifyFamilies(keys)];
}
