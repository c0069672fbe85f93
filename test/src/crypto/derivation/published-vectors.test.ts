import { createHmac, generateKeyPairSync } from "node:crypto";
import t from "tap";
import {
  agreeOnSecret,
  awsSigningKey,
  derivePasswordBased,
  extractAndExpand,
} from "#src/crypto/derivation/from-secrets.js";
import {
  counterMode,
  doublePipelineMode,
  feedbackMode,
  type PseudorandomInput,
} from "#src/crypto/derivation/pseudorandom-functions.js";
import { awsVector, expansionVectors, passwordVectors, pseudorandomVectors } from "./vectors.js";

function hex(text: string): Buffer {
  return Buffer.from(text, "hex");
}

const modes = { counterMode, feedbackMode, doublePipelineMode };

t.test("the functions of SP 800-108 give what NIST's vectors give", async (t) => {
  for (const { mode, counterBits, key, fixedInput, initialValue, derived } of pseudorandomVectors) {
    const input: PseudorandomInput = {
      pseudorandom: async (data) => createHmac("sha256", hex(key)).update(data).digest(),
      fixedInput: hex(fixedInput),
      counterBits,
      length: derived.length / 2,
    };
    t.equal((await modes[mode](input, hex(initialValue))).toString("hex"), derived, `${mode}, ${counterBits} bits`);
  }
});

t.test("the functions of SP 800-108 give no block twice: they end with their counter", async (t) => {
  for (const mode of Object.values(modes)) {
    const input: PseudorandomInput = {
      pseudorandom: async (data) => createHmac("sha256", "key").update(data).digest(),
      fixedInput: Buffer.from("fixed"),
      counterBits: 8,
      length: 8192,
    };
    t.equal((await mode(input, Buffer.alloc(0))).length, 255 * 32);
    t.equal((await mode({ ...input, counterBits: 16 }, Buffer.alloc(0))).length, 8192);
  }
});

t.test("HKDF gives what RFC 5869 gives", async (t) => {
  for (const { hash, inputKeyMaterial, salt, information, derived } of expansionVectors) {
    const expansion = { hash, salt: hex(salt), information: hex(information), length: derived.length / 2 };
    t.equal(extractAndExpand(hex(inputKeyMaterial), expansion).toString("hex"), derived);
  }
});

t.test("PBKDF2 gives what RFC 6070 gives", async (t) => {
  for (const { password, salt, iterations, derived } of passwordVectors) {
    const rounds = { hash: "sha1", salt: Buffer.from(salt), iterations, length: derived.length / 2 } as const;
    t.equal((await derivePasswordBased(Buffer.from(password), rounds)).toString("hex"), derived);
  }
});

t.test("the signing key of AWS Signature Version 4 is that of its documentation", async (t) => {
  const [secret, date, region, service] = [
    awsVector.secretAccessKey,
    awsVector.date,
    awsVector.region,
    awsVector.service,
  ].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer, Buffer];
  t.equal(awsSigningKey(secret, date, region, service).toString("hex"), awsVector.derived);
});

t.test("two key pairs agree on one secret, and keys of different groups on none", async (t) => {
  const pairs = [
    generateKeyPairSync("ec", { namedCurve: "P-256" }),
    generateKeyPairSync("ec", { namedCurve: "P-256" }),
    generateKeyPairSync("ec", { namedCurve: "P-384" }),
  ].map(({ privateKey, publicKey }) => ({
    privateKey: privateKey.export({ type: "pkcs8", format: "der" }),
    publicKey: publicKey.export({ type: "spki", format: "der" }),
  }));
  const [one, two, other] = pairs;
  if (one === undefined || two === undefined || other === undefined) throw new RangeError("three pairs were made");
  const secret = agreeOnSecret(one.privateKey, two.publicKey);
  t.equal(secret?.length, 32);
  t.same(agreeOnSecret(two.privateKey, one.publicKey), secret);
  t.equal(agreeOnSecret(one.privateKey, other.publicKey), undefined);
});
