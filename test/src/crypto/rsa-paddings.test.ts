import { constants, createHash, generateKeyPairSync, privateDecrypt, publicEncrypt, sign, verify } from "node:crypto";
import t from "tap";
import { CryptoError, type HashName, type KeyReference } from "#src/crypto/port.js";
import { decodeOaep, encodeOaep, type Oaep } from "#src/crypto/rsa/oaep.js";
import {
  decryptOaep,
  encryptOaep,
  type RsaKey,
  signPss,
  verifyPssSignature,
} from "#src/crypto/rsa/padding-beside-token.js";
import type { Pss } from "#src/crypto/rsa/pss.js";
import { startSoftHsm, unhurried } from "#test/support/softhsm.js";

const hsm = await startSoftHsm(unhurried);
t.teardown(() => hsm.close());
const { partition } = hsm;
const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });

async function keys(): Promise<{ privateKey: RsaKey; publicKey: RsaKey }> {
  const objectId = "11111111-2222-3333-4444-555555555555";
  const stored = await partition.importKey({
    objectId,
    keyClass: "private",
    keyType: "rsa",
    value: pair.privateKey.export({ type: "pkcs8", format: "der" }),
    custody: "wrapped",
  });
  const common = { objectId, custody: "wrapped", keyType: "rsa" } as const;
  const privateReference: KeyReference = { ...common, keyClass: "private", ...stored };
  const publicReference: KeyReference = {
    ...common,
    keyClass: "public",
    material: pair.publicKey.export({ type: "spki", format: "der" }),
    keyEncryptionKeyVersion: 0,
  };
  return {
    privateKey: { reference: privateReference, modulusBits: 2048 },
    publicKey: { reference: publicReference, modulusBits: 2048 },
  };
}

const { privateKey, publicKey } = await keys();
const hashes: readonly HashName[] = ["sha1", "sha224", "sha256", "sha384", "sha512"];
const message = Buffer.from("the quick brown fox");

function oaepOf(hash: HashName, maskHash: HashName, label = Buffer.alloc(0)): Oaep {
  return { name: "rsa-oaep", hash, maskHash, label };
}

t.test("OAEP made beside the token is what OpenSSL makes, both ways, with and without a label", async (t) => {
  for (const hash of hashes) {
    for (const oaepLabel of [undefined, Buffer.from("a label")]) {
      const oaep = oaepOf(hash, hash, oaepLabel);
      const options = { oaepHash: hash, padding: constants.RSA_PKCS1_OAEP_PADDING, ...(oaepLabel && { oaepLabel }) };
      const { data } = await encryptOaep(partition, publicKey, oaep, message);
      t.same(privateDecrypt({ key: pair.privateKey, ...options }, data), message, `${hash} encrypted`);
      const theirs = publicEncrypt({ key: pair.publicKey, ...options }, message);
      t.same(await decryptOaep(partition, privateKey, oaep, theirs), message, `${hash} decrypted`);
    }
  }
});

t.test("OAEP goes there and back with every pair of hash functions", async (t) => {
  for (const hash of hashes) {
    for (const maskHash of hashes) {
      const oaep = oaepOf(hash, maskHash, Buffer.from([1]));
      const { data } = await encryptOaep(partition, publicKey, oaep, message);
      t.same(await decryptOaep(partition, privateKey, oaep, data), message, `${hash} with ${maskHash}`);
    }
  }
});

t.test("OAEP takes messages of every length up to the longest, and none above", async (t) => {
  const oaep = oaepOf("sha256", "sha1");
  for (const length of [0, 1, 189, 190]) {
    const encoded = encodeOaep(oaep, Buffer.alloc(length, 1), Buffer.alloc(32, 9), 256);
    t.same(decodeOaep(oaep, encoded), Buffer.alloc(length, 1));
  }
  await t.rejects(encryptOaep(partition, publicKey, oaep, Buffer.alloc(191)), { code: "invalid-data" });
});

t.test("whatever byte of an OAEP encoding is wrong, the failure is the same", async (t) => {
  const oaep = oaepOf("sha256", "sha384");
  const seed = Buffer.alloc(32, 3);
  for (let place = 0; place < 256; place++) {
    const encoded = encodeOaep(oaep, message, seed, 256);
    encoded[place] = (encoded[place] ?? 0) ^ 1;
    const decoded = decodeOaep(oaep, encoded);
    t.ok(decoded === null || !decoded.equals(message), `byte ${place}`);
  }
  const cipher = (await encryptOaep(partition, publicKey, oaep, message)).data;
  const failures = [
    decryptOaep(partition, privateKey, oaepOf("sha1", "sha384"), cipher),
    decryptOaep(partition, privateKey, oaepOf("sha256", "sha384", Buffer.from("x")), cipher),
    decryptOaep(partition, privateKey, oaep, cipher.subarray(1)),
    decryptOaep(partition, privateKey, oaep, Buffer.alloc(256, 0xff)),
    decryptOaep(partition, privateKey, oaep, Buffer.alloc(256)),
  ];
  for (const failure of await Promise.allSettled(failures)) {
    t.match(failure, { status: "rejected", reason: { code: "decryption-failed" } });
    t.ok(failure.status === "rejected" && failure.reason instanceof CryptoError);
  }
});

function pssOf(hash: HashName, maskHash: HashName, saltLength: number, prehashed = false): Pss {
  return { name: "rsa-pss", hash, maskHash, saltLength, prehashed };
}

t.test("PSS made beside the token is what OpenSSL makes, both ways", async (t) => {
  for (const hash of hashes) {
    for (const saltLength of [0, 20, 64, 190]) {
      const pss = pssOf(hash, hash, saltLength);
      const options = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
      const signature = await signPss(partition, privateKey, pss, message);
      t.ok(verify(hash, message, { key: pair.publicKey, ...options }, signature), `${hash} ${saltLength} signed`);
      const theirs = sign(hash, message, { key: pair.privateKey, ...options });
      const signed = { data: message, signature: theirs };
      t.ok(await verifyPssSignature(partition, publicKey, pss, signed), `${hash} ${saltLength} verified`);
    }
  }
});

t.test("PSS goes there and back with every pair of hash functions, over data and over digests", async (t) => {
  for (const hash of hashes) {
    for (const maskHash of hashes) {
      const digest = createHash(hash).update(message).digest();
      const signature = await signPss(partition, privateKey, pssOf(hash, maskHash, 20, true), digest);
      const signed = { data: message, signature };
      t.equal(await verifyPssSignature(partition, publicKey, pssOf(hash, maskHash, 20), signed), true);
      t.equal(await verifyPssSignature(partition, publicKey, pssOf(hash, maskHash, 21), signed), false);
    }
  }
});

t.test("a PSS signature with any bit changed is not valid, and never an error", async (t) => {
  const pss = pssOf("sha256", "sha1", 20);
  const signature = await signPss(partition, privateKey, pss, message);
  for (const place of [0, 1, 100, 254, 255]) {
    const changed = Buffer.from(signature);
    changed[place] = (changed[place] ?? 0) ^ 0x80;
    t.equal(await verifyPssSignature(partition, publicKey, pss, { data: message, signature: changed }), false);
  }
  const others = [Buffer.alloc(0), signature.subarray(1), Buffer.alloc(256), Buffer.alloc(256, 0xff)];
  for (const other of others) {
    t.equal(await verifyPssSignature(partition, publicKey, pss, { data: message, signature: other }), false);
  }
  t.equal(await verifyPssSignature(partition, publicKey, pss, { data: Buffer.from("else"), signature }), false);
});

t.test("a salt that does not fit the modulus is refused", async (t) => {
  await t.rejects(signPss(partition, privateKey, pssOf("sha256", "sha1", 223), message), { code: "invalid-data" });
  t.equal((await signPss(partition, privateKey, pssOf("sha256", "sha1", 222), message)).length, 256);
});
