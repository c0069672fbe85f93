import {
  constants,
  createHash,
  createHmac,
  generateKeyPairSync,
  sign as signElsewhere,
  verify as verifyElsewhere,
} from "node:crypto";
import t from "tap";
import type { HashName, Partition, SignatureSpecification } from "#src/crypto/port.js";
import { importPrivate, importSecret, publicReference, refusal } from "./keys.js";
import { CMAC_KEY, CMAC_VECTORS, HMAC_VECTORS } from "./vectors.js";

const HASH_NAMES: readonly HashName[] = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];
const DATA = Buffer.from("the message");

/** Signatures, message authentication codes and digests as the port promises them, on any module. */
export function signatureContract(partition: Partition): void {
  macContract(partition);
  rsaContract(partition);
  ecdsaContract(partition);

  t.test("digests are those of another implementation, of no data as well", async (t) => {
    for (const hash of HASH_NAMES) {
      for (const data of [DATA, Buffer.alloc(0), Buffer.alloc(100_000, 1)]) {
        t.same(await partition.digest(hash, data), createHash(hash).update(data).digest(), hash);
      }
    }
  });
}

function macContract(partition: Partition): void {
  for (const vector of HMAC_VECTORS) {
    t.test(`known answer: ${vector.source}`, async (t) => {
      const key = await importSecret(partition, "generic", vector.key);
      for (const [hash, mac] of vector.macs) {
        const data = Buffer.from(vector.data, "hex");
        t.equal((await partition.mac(key, { name: "hmac", hash }, data)).toString("hex"), mac, hash);
        t.equal(await partition.macVerify(key, { name: "hmac", hash }, data, Buffer.from(mac, "hex")), true);
      }
    });
  }

  t.test("HMAC agrees with another implementation for every hash and length of key", async (t) => {
    for (const length of [1, 8, 20, 31, 32, 33, 64, 65, 100]) {
      const value = Buffer.alloc(length, 0x61);
      const key = await importSecret(partition, "generic", value.toString("hex"));
      for (const hash of HASH_NAMES) {
        for (const data of [DATA, Buffer.alloc(0)]) {
          const expected = createHmac(hash, value).update(data).digest("hex");
          t.equal((await partition.mac(key, { name: "hmac", hash }, data)).toString("hex"), expected);
        }
      }
    }
  });

  t.test("known answers of CMAC (SP 800-38B appendix D.1)", async (t) => {
    const key = await importSecret(partition, "aes", CMAC_KEY);
    for (const [data, mac] of CMAC_VECTORS) {
      t.equal((await partition.mac(key, { name: "cmac" }, Buffer.from(data, "hex"))).toString("hex"), mac);
    }
  });

  t.test("an altered, shortened or empty code does not verify", async (t) => {
    const key = await importSecret(partition, "generic", "77".repeat(32), "token");
    const hmac = { name: "hmac", hash: "sha256" } as const;
    const mac = await partition.mac(key, hmac, DATA);
    t.equal(await partition.macVerify(key, hmac, DATA, mac), true);
    t.equal(await partition.macVerify(key, hmac, Buffer.from("another"), mac), false);
    t.equal(await partition.macVerify(key, hmac, DATA, mac.subarray(0, 16)), false);
    t.equal(await partition.macVerify(key, hmac, DATA, Buffer.alloc(0)), false);
  });

  t.test("rows are authenticated by a key of the partition, the same at every call", async (t) => {
    const mac = await partition.authenticate(DATA);
    t.equal(mac.length, 32);
    t.same(await partition.authenticate(DATA), mac);
    t.notSame(await partition.authenticate(Buffer.from("another")), mac);
    t.equal((await partition.authenticate(Buffer.alloc(0))).length, 32);
  });
}

function rsaContract(partition: Partition): void {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pkcs8 = pair.privateKey.export({ format: "der", type: "pkcs8" });
  const publicKey = publicReference(pair.publicKey.export({ format: "der", type: "spki" }), "rsa");
  const digest = createHash("sha256").update(DATA).digest();
  const pss = (prehashed: boolean, saltLength = 32): SignatureSpecification => ({
    name: "rsa-pss",
    hash: "sha256",
    maskHash: "sha256",
    saltLength,
    prehashed,
  });

  t.test("RSA signatures of every hash verify elsewhere and here", async (t) => {
    for (const custody of ["wrapped", "token"] as const) {
      const privateKey = await importPrivate(partition, "rsa", pkcs8, custody);
      for (const hash of HASH_NAMES) {
        const specification = { name: "rsa-pkcs1", hash, digestInfo: null } as const;
        for (const data of [DATA, Buffer.alloc(0)]) {
          const signature = await partition.sign(privateKey, specification, data);
          t.same(signature, signElsewhere(hash, data, pair.privateKey), hash);
          t.equal(await partition.verify(publicKey, specification, data, signature), true);
        }
      }
    }
  });

  t.test("an RSA signature over a digest is that over the data", async (t) => {
    const privateKey = await importPrivate(partition, "rsa", pkcs8);
    const prepared = { name: "rsa-pkcs1", hash: null, digestInfo: "sha256" } as const;
    t.same(await partition.sign(privateKey, prepared, digest), signElsewhere("sha256", DATA, pair.privateKey));
    await t.rejects(partition.sign(privateKey, prepared, digest.subarray(1)), refusal("invalid-data"));
  });

  t.test("PSS signatures verify elsewhere, and those made elsewhere verify here", async (t) => {
    const privateKey = await importPrivate(partition, "rsa", pkcs8);
    const elsewhere = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    for (const [specification, data] of [
      [pss(false), DATA],
      [pss(true), digest],
    ] as const) {
      const signature = await partition.sign(privateKey, specification, data);
      t.equal(verifyElsewhere("sha256", DATA, { key: pair.publicKey, ...elsewhere }, signature), true);
      const foreign = signElsewhere("sha256", DATA, { key: pair.privateKey, ...elsewhere });
      t.equal(await partition.verify(publicKey, specification, data, foreign), true);
    }
    await t.rejects(partition.sign(privateKey, pss(true), DATA), refusal("invalid-data"), "no digest");
  });

  t.test("a wrong RSA signature is false, of whatever form", async (t) => {
    const privateKey = await importPrivate(partition, "rsa", pkcs8);
    const specification = { name: "rsa-pkcs1", hash: "sha256", digestInfo: null } as const;
    const signature = await partition.sign(privateKey, specification, DATA);
    t.equal(await partition.verify(publicKey, specification, Buffer.from("another"), signature), false);
    t.equal(await partition.verify(publicKey, specification, DATA, Buffer.alloc(256)), false);
    t.equal(await partition.verify(publicKey, specification, DATA, signature.subarray(1)), false);
    t.equal(await partition.verify(publicKey, specification, DATA, Buffer.alloc(0)), false);
  });
}

function ecdsaContract(partition: Partition): void {
  for (const namedCurve of ["P-256", "P-384", "P-521"]) {
    t.test(`ECDSA on ${namedCurve} agrees with another implementation in both directions`, async (t) => {
      const pair = generateKeyPairSync("ec", { namedCurve });
      const pkcs8 = pair.privateKey.export({ format: "der", type: "pkcs8" });
      const publicKey = publicReference(pair.publicKey.export({ format: "der", type: "spki" }), "ec");
      for (const custody of ["wrapped", "token"] as const) {
        const privateKey = await importPrivate(partition, "ec", pkcs8, custody);
        for (const hash of ["sha1", "sha256", "sha384", "sha512"] as const) {
          const specification = { name: "ecdsa", hash } as const;
          const signature = await partition.sign(privateKey, specification, DATA);
          t.equal(verifyElsewhere(hash, DATA, pair.publicKey, signature), true, `${custody} ${hash}`);
          const foreign = signElsewhere(hash, DATA, pair.privateKey);
          t.equal(await partition.verify(publicKey, specification, DATA, foreign), true);
          const digest = createHash(hash).update(DATA).digest();
          t.equal(await partition.verify(publicKey, { name: "ecdsa", hash: null }, digest, signature), true);
        }
      }
    });
  }

  t.test("an ECDSA signature that is not strict DER is false", async (t) => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const publicKey = publicReference(pair.publicKey.export({ format: "der", type: "spki" }), "ec");
    const specification = { name: "ecdsa", hash: "sha256" } as const;
    const signature = signElsewhere("sha256", DATA, pair.privateKey);
    const wrong: readonly (readonly [string, Buffer])[] = [
      ["nothing", Buffer.alloc(0)],
      ["trailing byte", Buffer.concat([signature, Buffer.alloc(1)])],
      ["cut", signature.subarray(0, -1)],
      ["raw r and s", signElsewhere("sha256", DATA, { key: pair.privateKey, dsaEncoding: "ieee-p1363" })],
      ["zeros", Buffer.from("3006020100020100", "hex")],
    ];
    for (const [name, bytes] of wrong) {
      t.equal(await partition.verify(publicKey, specification, DATA, bytes), false, name);
    }
    t.equal(await partition.verify(publicKey, specification, DATA, signature), true);
  });
}
