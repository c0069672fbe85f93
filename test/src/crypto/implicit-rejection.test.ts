import { constants, createHash, createHmac, createPrivateKey, privateDecrypt, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { test } from "tap";
import { openPkcs1 } from "#src/crypto/rsa/implicit-rejection.js";

interface Vectors {
  readonly privateKey: string;
  readonly cases: readonly {
    readonly what: string;
    readonly ciphertext: string;
    readonly plaintext: string;
    readonly rejected: boolean;
  }[];
}

const vectors = JSON.parse(readFileSync("test/src/crypto/data/implicit-rejection.json", "utf8")) as Vectors;
const any = { expected: null, acceptable: 1 } as const;

test("what a ciphertext opens to is what OpenSSL opens it to, where the secret is made as there", async (t) => {
  const der = Buffer.from(vectors.privateKey, "base64");
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs1" });
  const exponent = Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url");
  const secretKey = createHash("sha256")
    .update(Buffer.concat([Buffer.alloc(256 - exponent.length), exponent]))
    .digest();
  for (const { what, ciphertext, plaintext, rejected } of vectors.cases) {
    const bytes = Buffer.from(ciphertext, "hex");
    const encoded = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, bytes);
    const secret = createHmac("sha256", secretKey).update(bytes).digest();
    const opened = openPkcs1(encoded, secret, any);
    t.same({ plaintext: opened.data.toString("hex"), rejected: opened.rejected }, { plaintext, rejected }, what);
    t.ok(encoded.every((byte) => byte === 0) && secret.every((byte) => byte === 0), "what was given is zeroed");
  }
});

/** An encoded message (RFC 8017 §7.2.1), with a padding of bytes that are not 0. */
function encode(message: Buffer, length: number): Buffer {
  const padding = Buffer.from(randomBytes(length - message.length - 3).map((byte) => byte || 1));
  return Buffer.concat([Buffer.from([0, 2]), padding, Buffer.from([0]), message]);
}

test("every message comes back, of whatever length it is, and whatever length is expected", async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 117 }), (bytes) => {
      const message = Buffer.from(bytes);
      for (const expected of [null, message.length]) {
        const opened = openPkcs1(encode(message, 128), randomBytes(32), { expected, acceptable: 1 });
        t.same(opened, { data: message, rejected: false });
      }
      const other = (message.length + 1) % 118;
      const substitute = openPkcs1(encode(message, 128), randomBytes(32), { expected: other, acceptable: 1 });
      t.match(substitute, { rejected: true, data: { length: other } });
      t.equal(openPkcs1(encode(message, 128), randomBytes(32), { expected: null, acceptable: 0 }).rejected, true);
    }),
    { numRuns: 50 },
  );
});

test("a padding is good exactly where RFC 8017 says so", async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 255 }), (place, byte) => {
      const encoded = encode(randomBytes(20), 128);
      encoded[place] = byte;
      const separator = encoded.indexOf(0, 2);
      const isGood = encoded[0] === 0 && encoded[1] === 2 && separator >= 10;
      const message = Buffer.from(encoded.subarray(separator + 1));
      const opened = openPkcs1(encoded, randomBytes(32), any);
      t.equal(opened.rejected, !isGood);
      if (isGood) t.same(opened.data, message);
    }),
    { numRuns: 300 },
  );
});
