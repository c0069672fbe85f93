import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import t from "tap";
import type { Partition } from "#src/crypto/port.js";
import { importPrivate, importSecret, newObjectId, place, publicReference, referenceTo, refusal } from "./keys.js";
import { WRAP_VECTORS } from "./vectors.js";

const SECRETS: readonly (readonly ["aes" | "des3" | "generic", number, number])[] = [
  ["aes", 128, 16],
  ["aes", 192, 24],
  ["aes", 256, 32],
  ["des3", 112, 16],
  ["des3", 168, 24],
  ["generic", 8, 1],
  ["generic", 160, 20],
  ["generic", 256, 32],
];

/** What differs between modules in what they take. */
export interface CustodyAbilities {
  /** Longest secret the module takes, in bytes. */
  readonly longestSecret: number;
}

function publicHalf(pkcs8: Buffer): Buffer {
  const publicKey = createPublicKey(createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }));
  return publicKey.export({ format: "der", type: "spki" });
}

/** Making, taking in, giving out and removing keys as the port promises it, on any module. */
export function custodyContract(partition: Partition, abilities: CustodyAbilities): void {
  const { longestSecret } = abilities;
  for (const [keyType, bits, length] of [...SECRETS, ["generic", longestSecret * 8, longestSecret] as const]) {
    t.test(`a new ${keyType} key of ${bits} bits has ${length} bytes and the digest of its value`, async (t) => {
      const stored = await partition.generateSecret({ ...place("wrapped"), keyType, bits });
      const value = await partition.exportKey(referenceTo(stored, keyType));
      t.equal(value.length, length);
      t.same(stored.digest, createHash("sha256").update(value).digest());
      // A single byte stands in any blob now and then.
      if (length >= 8) t.not(stored.material.includes(value), true, "the material is not the value");
    });
  }

  t.test("what is taken in is given out the same, and the caller's copy is zeroed", async (t) => {
    for (const length of [1, 7, 8, 20, 250, longestSecret]) {
      const value = randomBytes(length);
      const handed = Buffer.from(value);
      const stored = await partition.importKey({
        ...place("wrapped"),
        keyClass: "secret",
        keyType: "generic",
        value: handed,
      });
      t.same(handed, Buffer.alloc(length));
      t.same(stored.digest, createHash("sha256").update(value).digest());
      t.same(await partition.exportKey(referenceTo(stored, "generic")), value);
    }
  });

  t.test("a secret longer than the token takes is unsupported", async (t) => {
    const digits = "00".repeat(longestSecret + 1);
    await t.rejects(importSecret(partition, "generic", digits), refusal("unsupported"));
    const request = { ...place("wrapped"), keyType: "generic", bits: (longestSecret + 1) * 8 } as const;
    await t.rejects(partition.generateSecret(request), refusal("unsupported"));
  });

  t.test("a private key is given out byte for byte as it was taken in", async (t) => {
    for (const pair of [
      generateKeyPairSync("rsa", { modulusLength: 2048 }),
      generateKeyPairSync("ec", { namedCurve: "P-384" }),
    ]) {
      const pkcs8 = pair.privateKey.export({ format: "der", type: "pkcs8" });
      const keyType = pair.privateKey.asymmetricKeyType === "rsa" ? "rsa" : "ec";
      t.same(await partition.exportKey(await importPrivate(partition, keyType, pkcs8)), pkcs8);
    }
  });

  t.test("what is no key of its type is invalid data", async (t) => {
    const invalid = refusal("invalid-data");
    await t.rejects(importSecret(partition, "aes", "00".repeat(15)), invalid);
    await t.rejects(importSecret(partition, "des3", "00".repeat(8)), invalid);
    await t.rejects(importSecret(partition, "generic", ""), invalid);
    await t.rejects(importPrivate(partition, "rsa", randomBytes(100)), invalid);
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await t.rejects(importPrivate(partition, "rsa", ec.privateKey.export({ format: "der", type: "pkcs8" })), invalid);
    await t.rejects(
      partition.importKey({
        objectId: "x",
        custody: "token",
        keyClass: "secret",
        keyType: "aes",
        value: Buffer.alloc(16),
      }),
      invalid,
      "a token key without an identifier",
    );
  });

  t.test("sizes and exponents that are not made are unsupported", async (t) => {
    const unsupported = refusal("unsupported");
    await t.rejects(partition.generateSecret({ ...place("wrapped"), keyType: "aes", bits: 64 }), unsupported);
    await t.rejects(partition.generateSecret({ ...place("wrapped"), keyType: "des3", bits: 56 }), unsupported);
    await t.rejects(partition.generateSecret({ ...place("wrapped"), keyType: "generic", bits: 7 }), unsupported);
    for (const [bits, publicExponent] of [
      [768, 65537n],
      [4104, 65537n],
      [2048, 3n],
    ] as const) {
      const algorithm = { keyType: "rsa", bits, publicExponent } as const;
      await t.rejects(partition.generatePair({ ...place("wrapped"), algorithm }), unsupported);
    }
  });

  pairContract(partition);
  tokenContract(partition);
  wrapContract(partition);

  t.test("random bytes have the length asked for and differ", async (t) => {
    const first = await partition.random(32);
    t.equal(first.length, 32);
    t.notSame(await partition.random(32), first);
    t.equal((await partition.random(65_536)).length, 65_536);
    await t.rejects(partition.random(0), refusal("invalid-data"));
    await t.rejects(partition.random(65_537), refusal("invalid-data"));
  });
}

function pairContract(partition: Partition): void {
  for (const custody of ["wrapped", "token"] as const) {
    t.test(`a new pair (${custody}) signs with its private and verifies with its public half`, async (t) => {
      const rsa = { keyType: "rsa", bits: 2048, publicExponent: 65537n } as const;
      const specification = { name: "rsa-pkcs1", hash: "sha256", digestInfo: null } as const;
      const pair = await partition.generatePair({ ...place(custody), algorithm: rsa });
      const signature = await partition.sign(
        referenceTo(pair.privateKey, "rsa", "private", custody),
        specification,
        Buffer.from("x"),
      );
      t.equal(
        await partition.verify(publicReference(pair.publicKey, "rsa"), specification, Buffer.from("x"), signature),
        true,
      );
    });
    for (const curve of ["P-256", "P-384", "P-521"] as const) {
      t.test(
        `a new pair on ${curve} (${custody}) signs with its private and verifies with its public half`,
        async (t) => {
          const pair = await partition.generatePair({ ...place(custody), algorithm: { keyType: "ec", curve } });
          const ecdsa = { name: "ecdsa", hash: "sha256" } as const;
          const signature = await partition.sign(
            referenceTo(pair.privateKey, "ec", "private", custody),
            ecdsa,
            Buffer.from("x"),
          );
          t.equal(
            await partition.verify(publicReference(pair.publicKey, "ec"), ecdsa, Buffer.from("x"), signature),
            true,
          );
        },
      );
    }
  }

  t.test("the private half given out belongs to the public half and has the digest told", async (t) => {
    const pair = await partition.generatePair({ ...place("wrapped"), algorithm: { keyType: "ec", curve: "P-256" } });
    const value = await partition.exportKey(referenceTo(pair.privateKey, "ec", "private"));
    t.same(publicHalf(value), pair.publicKey);
    t.same(pair.privateKey.digest, createHash("sha256").update(value).digest());
  });

  t.test("the digest told of an RSA key that was made is that of its PKCS#1 encoding", async (t) => {
    const algorithm = { keyType: "rsa", bits: 2048, publicExponent: 65537n } as const;
    const pair = await partition.generatePair({ ...place("wrapped"), algorithm });
    const value = await partition.exportKey(referenceTo(pair.privateKey, "rsa", "private"));
    const key = createPrivateKey({ key: value, format: "der", type: "pkcs8" });
    const encoded = key.export({ format: "der", type: "pkcs1" });
    t.same(pair.privateKey.digest, createHash("sha256").update(encoded).digest());
  });
}

function tokenContract(partition: Partition): void {
  t.test("a key of the token does not leave it, and is gone once destroyed", async (t) => {
    const where = place("token");
    const stored = await partition.generateSecret({ ...where, keyType: "aes", bits: 256 });
    const key = referenceTo(stored, "aes", "secret", "token");
    const wrapping = await importSecret(partition, "aes", "99".repeat(32));
    t.same(stored.material, where.tokenId);
    t.equal(
      (await partition.tokenKeys()).some((found) => found.tokenId.equals(stored.material)),
      true,
    );
    await t.rejects(partition.exportKey(key), refusal("not-extractable"));
    await t.rejects(partition.wrapKey(key, wrapping, { name: "aes-kw" }), refusal("not-extractable"));
    const ecb = { name: "ecb", padding: false } as const;
    await partition.encrypt(key, ecb, Buffer.alloc(16));
    await partition.destroyKey(key);
    await t.rejects(partition.encrypt(key, ecb, Buffer.alloc(16)), refusal("key-missing"));
    t.equal(
      (await partition.tokenKeys()).some((found) => found.tokenId.equals(stored.material)),
      false,
    );
    await partition.destroyKey(key);
  });

  t.test("the token itself keeps a key from what it was not made for", async (t) => {
    const stored = await partition.generateSecret({
      ...place("token"),
      keyType: "aes",
      bits: 128,
      usages: ["encrypt"],
    });
    const key = referenceTo(stored, "aes", "secret", "token");
    const ecb = { name: "ecb", padding: false } as const;
    const { data } = await partition.encrypt(key, ecb, Buffer.alloc(16));
    await t.rejects(partition.decrypt(key, ecb, data, null), { name: "CryptoError" });
  });

  t.test("the partition's own keys are neither made anew nor destroyed by name", async (t) => {
    const tokenId = Buffer.from("keyreeve.kek.001");
    const invalid = refusal("invalid-data");
    const request = { objectId: "x", custody: "token", tokenId, keyType: "aes", bits: 256 } as const;
    await t.rejects(partition.generateSecret(request), invalid);
    const stored = { material: tokenId, keyEncryptionKeyVersion: 0, digest: null };
    await t.rejects(partition.destroyKey(referenceTo(stored, "aes", "secret", "token")), invalid);
  });

  t.test("a damaged blob, and one under a key-encryption key that never was, are told apart", async (t) => {
    const key = await importSecret(partition, "aes", "88".repeat(32));
    const broken = Buffer.from(key.material);
    broken.writeUInt8(broken.readUInt8(3) ^ 1, 3);
    const ecb = { name: "ecb", padding: false } as const;
    for (const material of [broken, key.material.subarray(0, 24), Buffer.alloc(5), Buffer.alloc(0)]) {
      const damaged = { ...key, objectId: newObjectId(), material };
      await t.rejects(partition.encrypt(damaged, ecb, Buffer.alloc(16)), refusal("damaged"));
      await t.rejects(partition.exportKey(damaged), refusal("damaged"));
    }
    const never = { ...key, objectId: newObjectId(), keyEncryptionKeyVersion: 900 };
    await t.rejects(partition.encrypt(never, ecb, Buffer.alloc(16)), refusal("key-missing"));
  });
}

function wrapContract(partition: Partition): void {
  for (const vector of WRAP_VECTORS) {
    t.test(`known answer: ${vector.source}`, async (t) => {
      const wrappingKey = await importSecret(partition, "aes", vector.wrappingKey);
      const target = await importSecret(partition, "generic", vector.key);
      const wrapped = await partition.wrapKey(target, wrappingKey, { name: vector.name });
      t.equal(wrapped.toString("hex"), vector.wrapped);
      const request = { ...place("wrapped"), keyClass: "secret", keyType: "generic" } as const;
      const stored = await partition.unwrapKey(wrapped, wrappingKey, { name: vector.name }, request);
      t.equal((await partition.exportKey(referenceTo(stored, "generic"))).toString("hex"), vector.key);
    });
  }

  t.test("a key wrapped for RSA by the public half comes in by the private half", async (t) => {
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const privateKey = await importPrivate(partition, "rsa", pair.privateKey.export({ format: "der", type: "pkcs8" }));
    const publicKey = publicReference(pair.publicKey.export({ format: "der", type: "spki" }), "rsa");
    const target = await importSecret(partition, "aes", "ab".repeat(32));
    const oaep = { name: "rsa-oaep", hash: "sha1", maskHash: "sha1", label: Buffer.alloc(0) } as const;
    const request = { ...place("wrapped"), keyClass: "secret", keyType: "aes" } as const;
    const stored = await partition.unwrapKey(
      await partition.wrapKey(target, publicKey, oaep),
      privateKey,
      oaep,
      request,
    );
    t.equal((await partition.exportKey(referenceTo(stored, "aes"))).toString("hex"), "ab".repeat(32));
    const pkcs1 = { name: "rsa-pkcs1" } as const;
    const wrapped = await partition.wrapKey(target, publicKey, pkcs1);
    t.equal((await partition.decryptPkcs1(privateKey, wrapped, 32)).data.toString("hex"), "ab".repeat(32));
    await t.rejects(partition.unwrapKey(wrapped, privateKey, pkcs1, request), refusal("unsupported"));
    const failed = refusal("decryption-failed");
    await t.rejects(partition.unwrapKey(Buffer.alloc(256, 1), privateKey, oaep, request), failed);
  });

  t.test("a private key wrapped by a secret key comes in again", async (t) => {
    const pkcs8 = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
      format: "der",
      type: "pkcs8",
    });
    const target = await importPrivate(partition, "ec", pkcs8);
    const wrappingKey = await importSecret(partition, "aes", "cd".repeat(32));
    const wrapped = await partition.wrapKey(target, wrappingKey, { name: "aes-kwp" });
    const request = { ...place("wrapped"), keyClass: "private", keyType: "ec" } as const;
    const stored = await partition.unwrapKey(wrapped, wrappingKey, { name: "aes-kwp" }, request);
    t.same(await partition.exportKey(referenceTo(stored, "ec", "private")), pkcs8);
  });

  t.test("a wrapped key that does not open is a failed decryption, whatever is wrong with it", async (t) => {
    const wrappingKey = await importSecret(partition, "aes", "ef".repeat(32));
    const request = { ...place("wrapped"), keyClass: "secret", keyType: "aes" } as const;
    for (const blob of [Buffer.alloc(40, 1), Buffer.alloc(41, 1), Buffer.alloc(8), Buffer.alloc(0)]) {
      for (const name of ["aes-kw", "aes-kwp"] as const) {
        await t.rejects(partition.unwrapKey(blob, wrappingKey, { name }, request), refusal("decryption-failed"));
      }
    }
  });

  t.test("AES key wrap takes only multiples of 8 bytes", async (t) => {
    const wrappingKey = await importSecret(partition, "aes", "ef".repeat(32));
    const target = await importSecret(partition, "generic", "01".repeat(20));
    await t.rejects(partition.wrapKey(target, wrappingKey, { name: "aes-kw" }), refusal("invalid-data"));
  });
}
