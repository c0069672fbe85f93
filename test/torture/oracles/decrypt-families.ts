import { randomBytes } from "node:crypto";
import { BlockCipherMode, Operation, PaddingMethod } from "#protocol/enums/index.js";
import { named } from "#test/support/kmip-client-messages.js";
import {
  altered,
  cbc,
  ending,
  foreignCbc,
  known,
  modulusLength,
  oaepEncoded,
  paddingWrong,
  pkcs1Encoded,
  pkcs1Wrong,
  raised,
  sealed,
} from "./ciphertexts.js";
import { type Family, inParts, type KindOfCiphertext, oneMessage, type Try } from "./family.js";
import { oaep, pkcs1, type ServerKeys } from "./server-keys.js";

/** Ciphertexts of one kind from the ciphertext alone. */
export function kind(name: string, opens: boolean, prepare: () => Try | Promise<Try>): KindOfCiphertext {
  return { name, opens, prepare };
}

/** Ciphertexts of RSA that have wrong PKCS#1 v1.5 padding, or are no numbers below the modulus, by what is wrong. */
export function pkcs1Ciphertexts(): Readonly<Record<string, () => Buffer>> {
  const changed = Object.entries(pkcs1Wrong).map(([name, change]): [string, () => Buffer] => [
    name,
    () => {
      const encoded = pkcs1Encoded();
      change(encoded);
      return raised(encoded);
    },
  ]);
  return Object.fromEntries([
    ...changed,
    ["of another key", () => raised(pkcs1Encoded(), known.otherPair.publicKey)],
    ["not below the modulus", () => Buffer.concat([Buffer.alloc(8, 0xff), randomBytes(modulusLength - 8)])],
  ]);
}

function rsaFamilies(keys: ServerKeys): readonly Family[] {
  const decrypt = (cryptographicParameters: object, data: Buffer) =>
    oneMessage(Operation.Decrypt, { uniqueIdentifier: named(keys.rsa), cryptographicParameters, data });
  const wrong = Object.entries(pkcs1Ciphertexts());
  const ofOaep = (hash: "sha1" | "sha256"): Family => {
    const open = (encoded: Buffer) => decrypt(oaep[hash], raised(encoded));
    return {
      name: `RSA OAEP with ${hash}`,
      timed: true,
      kinds: [
        kind("good", true, () => open(oaepEncoded(hash))),
        kind("the first byte is not 0", false, () => {
          const encoded = oaepEncoded(hash);
          encoded.writeUInt8(1, 0);
          return open(encoded);
        }),
        kind("another label", false, () => open(oaepEncoded(hash, "another"))),
        kind("no encoding at all", false, () => open(Buffer.concat([Buffer.alloc(1), randomBytes(modulusLength - 1)]))),
        kind("of another key", false, () =>
          decrypt(oaep[hash], raised(oaepEncoded(hash), known.otherPair.publicKey).fill(0, 0, 1)),
        ),
      ],
    };
  };
  return [
    {
      name: "RSA PKCS#1 v1.5",
      timed: true,
      rejectsSilently: true,
      kinds: [
        kind("good", true, () => decrypt(pkcs1, raised(pkcs1Encoded()))),
        ...wrong.map(([name, make]) => kind(name, false, () => decrypt(pkcs1, make()))),
      ],
    },
    ofOaep("sha1"),
    ofOaep("sha256"),
  ];
}

function cbcFamily(keys: ServerKeys, name: string, build: typeof inParts, most?: number): Family {
  const open = (data: Buffer, ivCounterNonce: Buffer) =>
    build({
      uniqueIdentifier: named(keys.aes),
      cryptographicParameters: { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 },
      ivCounterNonce,
      data,
    });
  const under = (blocks: Buffer) => {
    const iv = randomBytes(16);
    return open(cbc(blocks, iv), iv);
  };
  return {
    name,
    timed: true,
    ...(most === undefined ? {} : { most }),
    kinds: [
      kind("good", true, () => under(ending(3, 3, 3))),
      ...Object.entries(paddingWrong).map(([wrong, blocks]) => kind(wrong, false, () => under(blocks()))),
      kind("of another key", false, () => {
        const iv = randomBytes(16);
        return open(foreignCbc(iv), iv);
      }),
    ],
  };
}

/** What differs in something only the client has chosen, such as a length: answers must be the same, times need not. */
function lengthsFamily(keys: ServerKeys): Family {
  const iv = randomBytes(16);
  const open = (data: Buffer) =>
    oneMessage(Operation.Decrypt, {
      uniqueIdentifier: named(keys.aes),
      cryptographicParameters: { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 },
      ivCounterNonce: iv,
      data,
    });
  return {
    name: "AES-CBC, lengths",
    timed: false,
    kinds: [
      kind("good", true, () => open(cbc(ending(1), iv))),
      kind("nothing", false, () => open(Buffer.alloc(0))),
      kind("one byte short", false, () => open(cbc(ending(1), iv).subarray(1))),
      kind("a block and a byte", false, () => open(randomBytes(17))),
      kind("bad padding", false, () => open(cbc(ending(0), iv))),
    ],
  };
}

const authenticating = [
  { name: "AES-GCM", cipher: "aes-256-gcm", mode: BlockCipherMode.GCM, key: "aes" },
  { name: "AES-CCM", cipher: "aes-256-ccm", mode: BlockCipherMode.CCM, key: "aes" },
  { name: "ChaCha20-Poly1305", cipher: "chacha20-poly1305", mode: BlockCipherMode.AEAD, key: "chacha" },
] as const;

function authenticatedFamily(keys: ServerKeys, { name, cipher, mode, key }: (typeof authenticating)[number]): Family {
  const additional = Buffer.from("what is authenticated beside");
  const open = (
    change: (parts: { data: Buffer; tag: Buffer }) => { data: Buffer; tag: Buffer; aad?: Buffer },
    secret = known[key],
  ) => {
    const iv = randomBytes(12);
    const { data, tag, aad = additional } = change(sealed(cipher, { key: secret, iv, additional }));
    return oneMessage(Operation.Decrypt, {
      uniqueIdentifier: named(keys[key]),
      cryptographicParameters: { blockCipherMode: mode },
      ivCounterNonce: iv,
      authenticatedEncryptionAdditionalData: aad,
      authenticatedEncryptionTag: tag,
      data,
    });
  };
  const another = key === "aes" ? known.otherAes : randomBytes(32);
  return {
    name,
    timed: true,
    kinds: [
      kind("good", true, () => open((parts) => parts)),
      kind("the first byte of the tag", false, () => open(({ data, tag }) => ({ data, tag: altered(tag, 0) }))),
      kind("the last byte of the tag", false, () => open(({ data, tag }) => ({ data, tag: altered(tag, -1) }))),
      kind("the data", false, () => open(({ data, tag }) => ({ data: altered(data, 0), tag }))),
      kind("additional data", false, () => open(({ data, tag }) => ({ data, tag, aad: altered(additional, 3) }))),
      kind("of another key", false, () => open((parts) => parts, another)),
    ],
  };
}

/** The families of Decrypt. */
export function decryptFamilies(keys: ServerKeys): readonly Family[] {
  return [
    ...rsaFamilies(keys),
    cbcFamily(keys, "AES-CBC", (payload) => oneMessage(Operation.Decrypt, payload)),
    cbcFamily(keys, "AES-CBC in parts", inParts, 5000),
    lengthsFamily(keys),
    ...authenticating.map((row) => authenticatedFamily(keys, row)),
  ];
}
