import {
  constants,
  createDecipheriv,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import t from "tap";
import { supports } from "#src/crypto/pkcs11/mechanisms.js";
import type { CipherSpecification, Partition } from "#src/crypto/port.js";
import { importPrivate, importSecret, publicReference, refusal } from "./keys.js";
import { CIPHER_VECTORS } from "./vectors.js";

const GCM = { name: "gcm", iv: Buffer.alloc(12, 7), additionalData: Buffer.from("bound"), tagLength: 16 } as const;

/** Encryption and decryption as the port promises them, on any module. */
export async function cipherContract(partition: Partition): Promise<void> {
  const information = await partition.information();

  for (const custody of ["wrapped", "token"] as const) {
    for (const vector of CIPHER_VECTORS) {
      t.test(`known answer (${custody} key): ${vector.source}`, async (t) => {
        const key = await importSecret(partition, vector.keyType, vector.key, custody);
        const plaintext = Buffer.from(vector.plaintext, "hex");
        const encrypted = await partition.encrypt(key, vector.specification, plaintext);
        t.equal(encrypted.data.toString("hex"), vector.ciphertext);
        t.equal(encrypted.tag?.toString("hex"), vector.tag);
        const decrypted = await partition.decrypt(key, vector.specification, encrypted.data, encrypted.tag);
        t.equal(decrypted.toString("hex"), vector.plaintext);
      });
    }
  }

  for (const length of [0, 1, 15, 16, 17, 4096]) {
    t.test(`${length} bytes come back through every padded or streaming mode`, async (t) => {
      const aes = await importSecret(partition, "aes", "11".repeat(32));
      const data = randomBytes(length);
      const specifications: CipherSpecification[] = [
        { name: "ecb", padding: true },
        { name: "cbc", iv: randomBytes(16), padding: true },
        { name: "ctr", iv: randomBytes(16), counterBits: 128 },
        GCM,
      ];
      for (const specification of specifications) {
        const { data: encrypted, tag } = await partition.encrypt(aes, specification, data);
        t.same(await partition.decrypt(aes, specification, encrypted, tag), data, specification.name);
      }
    });
  }

  t.test("padded ECB is PKCS#7, as another implementation reads it", async (t) => {
    const aes = await importSecret(partition, "aes", "22".repeat(16));
    const { data } = await partition.encrypt(aes, { name: "ecb", padding: true }, Buffer.from("seventeen letters"));
    const decipher = createDecipheriv("aes-128-ecb", Buffer.alloc(16, 0x22), null);
    t.equal(Buffer.concat([decipher.update(data), decipher.final()]).toString(), "seventeen letters");
  });

  t.test("two-key triple DES encrypts as K1, K2, K1", async (t) => {
    const value = randomBytes(16);
    const key = await importSecret(partition, "des3", value.toString("hex"));
    const { data } = await partition.encrypt(
      key,
      { name: "cbc", iv: Buffer.alloc(8), padding: true },
      Buffer.from("x"),
    );
    const decipher = createDecipheriv("des-ede3-cbc", Buffer.concat([value, value.subarray(0, 8)]), Buffer.alloc(8));
    t.equal(Buffer.concat([decipher.update(data), decipher.final()]).toString(), "x");
  });

  t.test("whatever is wrong with a ciphertext, the failure is the same", async (t) => {
    const aes = await importSecret(partition, "aes", "33".repeat(32));
    const cbc = { name: "cbc", iv: Buffer.alloc(16), padding: true } as const;
    const { data, tag } = await partition.encrypt(aes, GCM, Buffer.from("a secret"));
    const padded = await partition.encrypt(aes, cbc, Buffer.from("a secret"));
    const flipped = (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte)));
    const failed = refusal("decryption-failed");
    await t.rejects(partition.decrypt(aes, GCM, flipped(data), tag), failed, "ciphertext altered");
    await t.rejects(partition.decrypt(aes, GCM, data, flipped(tag ?? data)), failed, "tag altered");
    await t.rejects(partition.decrypt(aes, GCM, data, (tag ?? data).subarray(0, 12)), failed, "tag cut");
    await t.rejects(partition.decrypt(aes, GCM, data, null), failed, "no tag");
    await t.rejects(
      partition.decrypt(aes, { ...GCM, additionalData: Buffer.alloc(0) }, data, tag),
      failed,
      "other data",
    );
    await t.rejects(partition.decrypt(aes, cbc, padded.data.subarray(0, 15), null), failed, "wrong length");
    await t.rejects(partition.decrypt(aes, cbc, Buffer.alloc(0), null), failed, "empty");
    const other = await importSecret(partition, "aes", "34".repeat(32));
    await t.rejects(partition.decrypt(other, { name: "ecb", padding: true }, padded.data, null), failed, "padding");
    t.equal((await partition.decrypt(aes, GCM, data, tag)).toString(), "a secret", "and the next call works");
  });

  t.test("weak or impossible parameters are refused before the token", async (t) => {
    const aes = await importSecret(partition, "aes", "44".repeat(32));
    const invalid = refusal("invalid-data");
    const data = Buffer.from("0123456789");
    for (const tagLength of [0, 4, 8, 11, 12.5, 17]) {
      await t.rejects(partition.encrypt(aes, { ...GCM, tagLength }, data), invalid, `tag of ${tagLength} bytes`);
    }
    await t.rejects(partition.encrypt(aes, { ...GCM, iv: Buffer.alloc(0) }, data), invalid, "empty GCM IV");
    await t.rejects(partition.encrypt(aes, { ...GCM, iv: Buffer.alloc(257) }, data), invalid, "huge GCM IV");
    await t.rejects(partition.encrypt(aes, { name: "cbc", iv: Buffer.alloc(8), padding: true }, data), invalid, "IV");
    await t.rejects(partition.encrypt(aes, { name: "ctr", iv: Buffer.alloc(16), counterBits: 0 }, data), invalid);
    await t.rejects(partition.encrypt(aes, { name: "ecb", padding: false }, data), invalid, "no whole blocks");
    for (const tagLength of [12, 13, 16]) {
      t.equal((await partition.encrypt(aes, { ...GCM, tagLength }, data)).tag?.length, tagLength);
    }
  });

  rsaContract(partition);

  t.test("a mechanism of another type of key is unsupported", async (t) => {
    const aes = await importSecret(partition, "aes", "55".repeat(16));
    const generic = await importSecret(partition, "generic", "55".repeat(32));
    t.equal(supports(information, GCM, "aes"), true);
    t.equal(supports(information, GCM, "generic"), false);
    await t.rejects(partition.encrypt(aes, { name: "rsa-pkcs1" }, Buffer.alloc(1)), refusal("unsupported"));
    await t.rejects(partition.encrypt(generic, GCM, Buffer.alloc(1)), refusal("unsupported"));
  });
}

function rsaContract(partition: Partition): void {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pkcs8 = pair.privateKey.export({ format: "der", type: "pkcs8" });
  const publicKey = publicReference(pair.publicKey.export({ format: "der", type: "spki" }), "rsa");
  const oaep = (hash: "sha1" | "sha256") =>
    ({ name: "rsa-oaep", hash, maskHash: hash, label: Buffer.alloc(0) }) as const;

  t.test("RSA decrypts what another implementation encrypted, and the other way round", async (t) => {
    for (const custody of ["wrapped", "token"] as const) {
      const privateKey = await importPrivate(partition, "rsa", pkcs8, custody);
      const secret = Buffer.from("a secret");
      const foreign = publicEncrypt({ key: pair.publicKey, padding: constants.RSA_PKCS1_PADDING }, secret);
      t.same(await partition.decryptPkcs1(privateKey, foreign, null), { data: secret, rejected: false });
      const ours = await partition.encrypt(publicKey, oaep("sha1"), secret);
      t.same(privateDecrypt({ key: pair.privateKey, oaepHash: "sha1" }, ours.data), secret);
      const raw = await partition.encrypt(publicKey, { name: "rsa-raw" }, Buffer.alloc(256, 3));
      t.same(await partition.decrypt(privateKey, { name: "rsa-raw" }, raw.data, null), Buffer.alloc(256, 3));
    }
  });

  t.test("RSA with OAEP and SHA-256 works where the token says so, and is unsupported elsewhere", async (t) => {
    const information = await partition.information();
    const privateKey = await importPrivate(partition, "rsa", pkcs8);
    if (supports(information, oaep("sha256"), "rsa")) {
      const foreign = publicEncrypt({ key: pair.publicKey, oaepHash: "sha256" }, Buffer.from("a secret"));
      t.equal((await partition.decrypt(privateKey, oaep("sha256"), foreign, null)).toString(), "a secret");
    } else {
      await t.rejects(partition.encrypt(publicKey, oaep("sha256"), Buffer.from("x")), refusal("unsupported"));
    }
  });

  t.test("a broken RSA ciphertext and one of the wrong length fail alike", async (t) => {
    const privateKey = await importPrivate(partition, "rsa", pkcs8);
    const failed = refusal("decryption-failed");
    for (const length of [0, 1, 255, 256, 257]) {
      await t.rejects(partition.decrypt(privateKey, oaep("sha1"), Buffer.alloc(length, 1), null), failed, `${length}`);
    }
  });

  t.test("more data than RSA holds is invalid data", async (t) => {
    await t.rejects(partition.encrypt(publicKey, oaep("sha1"), Buffer.alloc(300)), refusal("invalid-data"));
    await t.rejects(partition.encrypt(publicKey, { name: "rsa-pkcs1" }, Buffer.alloc(250)), refusal("invalid-data"));
  });
}
