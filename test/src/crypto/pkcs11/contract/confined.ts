import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
} from "node:crypto";
import t from "tap";
import type { HashName, KeyReference, KeyType, Partition } from "#src/crypto/port.js";
import { place, publicReference, referenceTo, refusal } from "./keys.js";

/** What differs between modules in what they do with keys whose plaintext nobody may read. */
export interface ConfinedAbilities {
  /** The module wraps secrets with RFC 5649 at their true length, and private keys by themselves. */
  readonly wrapsAnyLength: boolean;
  /** Shortest key in bytes with which it makes an HMAC with SHA-512 as the key was made. */
  readonly shortestSha512Key: number;
  /** Cuts the beginning off what two keys agree on. */
  readonly cutsAgreement: boolean;
}

function confined(key: KeyReference): KeyReference {
  return { ...key, confined: true };
}

async function take(partition: Partition, keyType: KeyType, value: Buffer): Promise<KeyReference> {
  const request = { ...place("wrapped"), keyClass: "secret", keyType, confined: true } as const;
  return confined(referenceTo(await partition.importKey({ ...request, value: Buffer.from(value) }), keyType));
}

/** Keys that are to be nowhere but in the token: what they do there, and that nothing else gets at their plaintext. */
export function confinedContract(partition: Partition, abilities: ConfinedAbilities): void {
  t.test("a confined key is not given out", async (t) => {
    const key = await take(partition, "aes", randomBytes(32));
    await t.rejects(partition.exportKey(key), refusal("not-extractable"));
    const ecb = { name: "ecb", padding: false } as const;
    t.equal((await partition.encrypt(key, ecb, Buffer.alloc(16))).data.length, 16, "but used");
  });

  t.test("a confined key of any length that was brought authenticates with every hash function", async (t) => {
    for (const length of [1, 7, 16, 20, 31, 32, 40, 64, 128]) {
      const value = randomBytes(length);
      const key = await take(partition, "generic", value);
      for (const hash of ["sha1", "sha256", "sha512"] as const) {
        const least = hash === "sha512" ? abilities.shortestSha512Key : 0;
        if (length >= 32 && length < least && length % 8 === 0) continue;
        const expected = createHmac(hash, value).update("data").digest();
        t.same(await partition.mac(key, { name: "hmac", hash }, Buffer.from("data")), expected, `${hash}, ${length}`);
      }
    }
  });

  t.test(
    "a confined key that the token finds too short for a hash function is refused, not filled up here",
    async (t) => {
      const key = await take(partition, "generic", randomBytes(40));
      const mac = partition.mac(key, { name: "hmac", hash: "sha512" }, Buffer.from("data"));
      if (abilities.shortestSha512Key > 40) await t.rejects(mac, refusal("not-extractable"));
      else t.equal((await mac).length, 64);
    },
  );

  t.test("a confined key that was made authenticates as its public digest tells", async (t) => {
    const request = { ...place("wrapped"), keyType: "generic", bits: 512, confined: true } as const;
    const stored = await partition.generateSecret(request);
    const key = confined(referenceTo(stored, "generic"));
    const hash: HashName = "sha256";
    const code = await partition.mac(key, { name: "hmac", hash }, Buffer.from("data"));
    t.equal(await partition.macVerify(key, { name: "hmac", hash }, Buffer.from("data"), code), true);
    t.ok(stored.digest !== null);
  });

  t.test("a confined key goes wrapped from the token to the token", async (t) => {
    const wrapping = await take(partition, "aes", randomBytes(32));
    for (const length of [16, 32]) {
      const value = randomBytes(length);
      const target = await take(partition, "aes", value);
      for (const name of ["aes-kw", "aes-kwp"] as const) {
        const blob = await partition.wrapKey(target, wrapping, { name });
        const request = { ...place("wrapped"), keyClass: "secret", keyType: "aes", confined: true } as const;
        const stored = await partition.unwrapKey(blob, wrapping, { name }, request);
        t.same(await partition.exportKey(referenceTo(stored, "aes")), value, `${name}, ${length}`);
      }
    }
  });

  t.test("a confined private key is wrapped where the token knows its length, and else refused", async (t) => {
    const wrapping = await take(partition, "aes", randomBytes(32));
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const value = pair.privateKey.export({ format: "der", type: "pkcs8" });
    const request = { ...place("wrapped"), keyClass: "private", keyType: "ec", confined: true } as const;
    const stored = await partition.importKey({ ...request, value: Buffer.from(value) });
    const key = confined(referenceTo(stored, "ec", "private"));
    const wrapped = partition.wrapKey(key, wrapping, { name: "aes-kwp" });
    if (abilities.wrapsAnyLength) t.ok((await wrapped).length > value.length);
    else await t.rejects(wrapped, refusal("not-extractable"));
    const ecdsa = { name: "ecdsa", hash: "sha256" } as const;
    const signature = await partition.sign(key, ecdsa, Buffer.from("x"));
    const publicKey = publicReference(pair.publicKey.export({ format: "der", type: "spki" }), "ec");
    t.equal(await partition.verify(publicKey, ecdsa, Buffer.from("x"), signature), true);
  });

  t.test("a confined pair tells no digest of its private half, which nobody has read", async (t) => {
    const algorithm = { keyType: "ec", curve: "P-256" } as const;
    const pair = await partition.generatePair({ ...place("wrapped"), algorithm, confined: true });
    t.equal(pair.privateKey.digest, null);
    const ecdsa = { name: "ecdsa", hash: "sha256" } as const;
    const key = confined(referenceTo(pair.privateKey, "ec", "private"));
    const signature = await partition.sign(key, ecdsa, Buffer.from("x"));
    t.equal(await partition.verify(publicReference(pair.publicKey, "ec"), ecdsa, Buffer.from("x"), signature), true);
  });

  t.test("a confined key is wrapped anew without being read", async (t) => {
    for (const length of [5, 20, 32]) {
      const value = randomBytes(length);
      const key = await take(partition, "generic", value);
      const again = confined(referenceTo(await partition.rewrapKey(key), "generic"));
      const expected = createHmac("sha256", value).update("data").digest();
      t.same(await partition.mac(again, { name: "hmac", hash: "sha256" }, Buffer.from("data")), expected);
    }
  });

  agreementContract(partition, abilities);
}

function agreementContract(partition: Partition, { cutsAgreement }: ConfinedAbilities): void {
  for (const [curve, length] of [
    ["P-256", 32],
    ["P-384", 48],
    ["P-521", 66],
  ] as const) {
    t.test(`keys on ${curve} agree in the token on what they agree on elsewhere`, async (t) => {
      const own = generateKeyPairSync("ec", { namedCurve: curve });
      const other = generateKeyPairSync("ec", { namedCurve: curve });
      const value = own.privateKey.export({ format: "der", type: "pkcs8" });
      const peer = other.publicKey.export({ format: "der", type: "spki" });
      const stored = await partition.importKey({ ...place("wrapped"), keyClass: "private", keyType: "ec", value });
      const key = confined(referenceTo(stored, "ec", "private"));
      const agreed = await partition.agreeKey(key, peer, { ...place("wrapped"), keyType: "generic", length });
      const expected = diffieHellman({ privateKey: own.privateKey, publicKey: other.publicKey });
      t.same(await partition.exportKey(referenceTo(agreed, "generic")), expected);
      const cut = partition.agreeKey(key, peer, { ...place("wrapped"), keyType: "aes", length: 16 });
      if (cutsAgreement) t.same(await partition.exportKey(referenceTo(await cut, "aes")), expected.subarray(0, 16));
      else await t.rejects(cut, refusal("unsupported"));
    });
  }

  t.test("a pair made in the token agrees there, and the secret may stay there for good", async (t) => {
    const algorithm = { keyType: "ec", curve: "P-256" } as const;
    const pair = await partition.generatePair({ ...place("token"), algorithm });
    const key = referenceTo(pair.privateKey, "ec", "private", "token");
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const peer = other.publicKey.export({ format: "der", type: "spki" });
    const request = { ...place("token"), keyType: "aes", length: 32 } as const;
    const agreed = referenceTo(await partition.agreeKey(key, peer, request), "aes", "secret", "token");
    const publicKey = createPublicKey({ key: pair.publicKey, format: "der", type: "spki" });
    const secret = diffieHellman({ privateKey: other.privateKey, publicKey });
    const same = await take(partition, "aes", secret);
    const ecb = { name: "ecb", padding: false } as const;
    const block = Buffer.alloc(16, 7);
    t.same((await partition.encrypt(agreed, ecb, block)).data, (await partition.encrypt(same, ecb, block)).data);
  });

  t.test("keys of other curves and types do not agree", async (t) => {
    const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const value = own.privateKey.export({ format: "der", type: "pkcs8" });
    const stored = await partition.importKey({ ...place("wrapped"), keyClass: "private", keyType: "ec", value });
    const key = referenceTo(stored, "ec", "private");
    const foreign = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey;
    const request = { ...place("wrapped"), keyType: "generic", length: 32 } as const;
    const whole = { ...request, length: 48 };
    const peer = foreign.export({ format: "der", type: "spki" });
    await t.rejects(partition.agreeKey(key, peer, whole), refusal("invalid-data"));
    const own2 = createPublicKey(createPrivateKey(own.privateKey.export({ format: "pem", type: "pkcs8" })));
    const spki = own2.export({ format: "der", type: "spki" });
    await t.rejects(partition.agreeKey(key, spki, { ...request, length: 33 }), refusal("invalid-data"), "too long");
    const secret = await take(partition, "aes", randomBytes(32));
    await t.rejects(partition.agreeKey(secret, spki, request), refusal("unsupported"));
  });
}
