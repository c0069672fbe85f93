// Drives MongoDB's driver: driver.mjs NODE_FOLDER ENDPOINT CA_FILE CERTIFICATE_AND_KEY_FILE. Prints TAP.
//
// The key vault is kept in memory in the place of a mongod; everything that concerns KMIP is the driver's own: data keys
// are made, used and wrapped anew by libmongocrypt over connections that the driver opens.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

const [nodeFolder = "", endpoint = "", tlsCAFile = "", tlsCertificateKeyFile = ""] = process.argv.slice(2);
const { ClientEncryption } = createRequire(join(nodeFolder, "package.json"))("mongodb");

const algorithm = {
  random: "AEAD_AES_256_CBC_HMAC_SHA_512-Random",
  deterministic: "AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic",
};

/** As much of a collection as the driver asks of a key vault. */
class KeyVault {
  documents = [];

  insertOne(document) {
    this.documents.push(document);
    return Promise.resolve({ insertedId: document._id });
  }

  find(filter) {
    const wanted = (filter.$or ?? []).flatMap((each) => each._id?.$in ?? []).map((id) => id.toString("hex"));
    const names = (filter.$or ?? []).flatMap((each) => each.keyAltNames?.$in ?? []);
    const isWanted = ({ _id, keyAltNames = [] }) =>
      filter.$or === undefined ||
      wanted.includes(_id.toString("hex")) ||
      keyAltNames.some((name) => names.includes(name));
    return { toArray: () => Promise.resolve(this.documents.filter(isWanted)) };
  }

  bulkWrite(operations) {
    for (const { updateOne } of operations) {
      const id = updateOne.filter._id.toString("hex");
      const found = this.documents.find(({ _id }) => _id.toString("hex") === id);
      assert.ok(found, "the driver changes a data key that is there");
      Object.assign(found, updateOne.update.$set);
    }
    return Promise.resolve({ modifiedCount: operations.length });
  }
}

const vault = new KeyVault();

/** A new driver: it knows data keys from the vault only, and has to have them unwrapped by the server. */
function encryption() {
  const client = { db: () => ({ collection: () => vault }) };
  return new ClientEncryption(client, {
    keyVaultNamespace: "encryption.keys",
    keyVaultClient: client,
    kmsProviders: { kmip: { endpoint } },
    tlsOptions: { kmip: { tlsCAFile, tlsCertificateKeyFile } },
  });
}

let number = 0;
let failures = 0;

async function check(sentence, action) {
  number += 1;
  try {
    const value = await action();
    process.stdout.write(`ok ${number} - ${sentence}\n`);
    return value;
  } catch (error) {
    failures += 1;
    process.stdout.write(`not ok ${number} - ${sentence}\n${String(error?.stack ?? error).replaceAll(/^/gm, "  ")}\n`);
    return undefined;
  }
}

const masterKeyOf = (index) => vault.documents[index].masterKey;
const plaintext = "491-23-7711, and more than one block of it: ÄÖÜ";

const keyId = await check("createDataKey makes a master key on the server", async () => {
  const id = await encryption().createDataKey("kmip", { masterKey: { endpoint }, keyAltNames: ["patients"] });
  assert.equal(masterKeyOf(0).provider, "kmip");
  assert.match(masterKeyOf(0).keyId, /^[0-9a-f-]{36}$/);
  assert.equal(vault.documents[0].keyMaterial.length(), 16 + 96 + 16 + 32, "an IV, the padded data key and its HMAC");
  return id;
});

const encrypted = await check("what is encrypted is not the plaintext, and differs each time", async () => {
  const first = await encryption().encrypt(plaintext, { keyId, algorithm: algorithm.random });
  const second = await encryption().encrypt(plaintext, { keyId, algorithm: algorithm.random });
  assert.equal(first.sub_type, 6);
  assert.equal(Buffer.from(first.buffer).includes("491-23"), false);
  assert.notEqual(first.toString("hex"), second.toString("hex"));
  return first;
});

await check("a driver that has just started decrypts it", async () => {
  assert.equal(await encryption().decrypt(encrypted), plaintext);
});

await check("the data key is found by its alternative name, and deterministic encryption repeats itself", async () => {
  const options = { keyAltName: "patients", algorithm: algorithm.deterministic };
  const [first, second] = [await encryption().encrypt(42, options), await encryption().encrypt(42, options)];
  assert.equal(first.toString("hex"), second.toString("hex"));
  assert.equal(Number(await encryption().decrypt(first)), 42);
});

await check("a data key is made under a master key that is there already", async () => {
  const { keyId: master } = masterKeyOf(0);
  const id = await encryption().createDataKey("kmip", { masterKey: { endpoint, keyId: master } });
  assert.equal(masterKeyOf(1).keyId, master);
  const value = await encryption().encrypt(plaintext, { keyId: id, algorithm: algorithm.random });
  assert.equal(await encryption().decrypt(value), plaintext);
});

await check("rewrapManyDataKey wraps all data keys by a new master key, and old data still decrypts", async () => {
  const before = vault.documents.map(({ keyMaterial, masterKey }) => [keyMaterial.toString("hex"), masterKey.keyId]);
  const { bulkWriteResult } = await encryption().rewrapManyDataKey({}, { provider: "kmip", masterKey: { endpoint } });
  assert.equal(bulkWriteResult.modifiedCount, before.length);
  for (const [index, { keyMaterial, masterKey }] of vault.documents.entries()) {
    assert.notEqual(keyMaterial.toString("hex"), before[index][0]);
    assert.notEqual(masterKey.keyId, before[index][1]);
  }
  assert.equal(await encryption().decrypt(encrypted), plaintext);
});

await check("a data key under a master key that the server does not know cannot be used", async () => {
  const [document] = vault.documents;
  const { keyId: master } = document.masterKey;
  document.masterKey.keyId = "00000000-0000-4000-8000-000000000000";
  await assert.rejects(encryption().decrypt(encrypted), /Result Reason \(1\): Item Not Found/);
  document.masterKey.keyId = master;
  assert.equal(await encryption().decrypt(encrypted), plaintext);
});

await check("eight drivers at once decrypt", async () => {
  const values = await Promise.all(Array.from({ length: 8 }, () => encryption().decrypt(encrypted)));
  assert.deepEqual(new Set(values), new Set([plaintext]));
});

// The identifiers of the master keys, for what the suite asks the server about them.
const masters = [...new Set(vault.documents.map(({ masterKey }) => masterKey.keyId))];
process.stdout.write(`1..${number}\n# masters ${masters.join(" ")}\n`);
process.exitCode = failures === 0 ? 0 : 1;
