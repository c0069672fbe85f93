import t from "tap";
import { deadlineOf } from "#src/crypto/pkcs11/deadlines.js";
import type { KeyReference } from "#src/crypto/port.js";

const BASE = 1200;

function rsaKey(keyClass: "private" | "public", blobLength: number): KeyReference {
  const material = Buffer.alloc(blobLength);
  return { objectId: "key", custody: "wrapped", keyType: "rsa", keyClass, material, keyEncryptionKeyVersion: 1 };
}

t.test("a short call has the deadline that is set", async (t) => {
  t.equal(deadlineOf("sign", [rsaKey("private", 1224)], 1256, BASE), BASE);
  t.equal(deadlineOf("random", [8], 0, BASE), BASE);
});

t.test("much data, long RSA keys and searches get more time", async (t) => {
  t.equal(deadlineOf("encrypt", [], 32 * 1024 * 1024, BASE), BASE + 8192);
  t.equal(deadlineOf("sign", [rsaKey("private", 4700)], 4700, BASE), 8 * BASE + 1);
  t.equal(deadlineOf("encrypt", [rsaKey("public", 4700)], 0, BASE), BASE, "a public key is fast");
  t.equal(deadlineOf("tokenKeys", [], 0, BASE), 8 * BASE);
});
