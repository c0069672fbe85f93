import t from "tap";
import { supports } from "#src/crypto/pkcs11/mechanisms.js";
import type { PartitionInformation } from "#src/crypto/port.js";

const CKM_RSA_PKCS_OAEP = 0x9;
const CKM_RSA_PKCS_PSS = 0xd;
const CKM_AES_GCM = 0x1087;
const CKM_AES_KEY_WRAP_PAD = 0x210a;
const CKM_AES_KEY_WRAP_KWP = 0x210b;
const CKM_ECDSA = 0x1041;
const CKM_SHA256 = 0x250;

function token(manufacturer: string, ...codes: number[]): PartitionInformation {
  return {
    moduleDescription: "",
    manufacturer,
    libraryVersion: "1.0",
    cryptokiVersion: "2.40",
    tokenLabel: "",
    tokenSerial: "",
    tokenModel: "",
    profile: "",
    mechanisms: codes.map((code) => ({ code, name: "", minimumKeySize: 0, maximumKeySize: 0, flags: [] })),
  };
}

const GCM = { name: "gcm", iv: Buffer.alloc(12), additionalData: Buffer.alloc(0), tagLength: 16 } as const;
const oaep = (hash: "sha1" | "sha256", label = "") =>
  ({ name: "rsa-oaep", hash, maskHash: hash, label: Buffer.from(label) }) as const;

t.test("a token supports what its mechanisms do, with the right type of key", async (t) => {
  t.equal(supports(token("Any", CKM_AES_GCM), GCM, "aes"), true);
  t.equal(supports(token("Any", CKM_AES_GCM), GCM, "des3"), false);
  t.equal(supports(token("Any"), GCM, "aes"), false);
});

t.test("OAEP beyond SHA-1 and with a label depends on the module", async (t) => {
  for (const specification of [oaep("sha256"), oaep("sha1", "label")]) {
    t.equal(supports(token("Any", CKM_RSA_PKCS_OAEP), specification, "rsa"), true);
    t.equal(supports(token("SoftHSM", CKM_RSA_PKCS_OAEP), specification, "rsa"), false);
  }
  t.equal(supports(token("SoftHSM", CKM_RSA_PKCS_OAEP), oaep("sha1"), "rsa"), true);
});

t.test("PSS with another mask hash depends on the module, and MD5 masks nothing", async (t) => {
  const pss = (maskHash: "sha1" | "sha256" | "md5") =>
    ({ name: "rsa-pss", hash: "sha256", maskHash, saltLength: 20, prehashed: true }) as const;
  t.equal(supports(token("Any", CKM_RSA_PKCS_PSS), pss("sha1"), "rsa"), true);
  t.equal(supports(token("SoftHSM", CKM_RSA_PKCS_PSS), pss("sha1"), "rsa"), false);
  t.equal(supports(token("SoftHSM", CKM_RSA_PKCS_PSS), pss("sha256"), "rsa"), true);
  t.equal(supports(token("Any", CKM_RSA_PKCS_PSS), pss("md5"), "rsa"), false);
});

t.test("the mechanism for wrapping with padding is the one the module means by RFC 5649", async (t) => {
  t.equal(supports(token("SoftHSM", CKM_AES_KEY_WRAP_PAD), { name: "aes-kwp" }, "aes"), true);
  t.equal(supports(token("Mozilla Foundation", CKM_AES_KEY_WRAP_PAD), { name: "aes-kwp" }, "aes"), false);
  t.equal(supports(token("Mozilla Foundation", CKM_AES_KEY_WRAP_KWP), { name: "aes-kwp" }, "aes"), true);
});

t.test("ECDSA with a hash needs the hash as well", async (t) => {
  t.equal(supports(token("Any", CKM_ECDSA), { name: "ecdsa", hash: "sha256" }, "ec"), false);
  t.equal(supports(token("Any", CKM_ECDSA), { name: "ecdsa", hash: null }, "ec"), true);
  t.equal(supports(token("Any", CKM_ECDSA, CKM_SHA256), { name: "ecdsa", hash: "sha256" }, "ec"), true);
});
