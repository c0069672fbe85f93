import { createHmac, generateKeyPairSync, randomBytes } from "node:crypto";
import { openSync, readdirSync, readFileSync, readSync } from "node:fs";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  HashingAlgorithm,
  KeyFormatType,
  ObjectType,
  Operation,
  PaddingMethod,
} from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, requested } from "#test/support/kmip-actions.js";
import { connectTo, startTestServer } from "#test/support/server.js";

/**
 * Searches the memory of the server, all of it: the heap of JavaScript, buffers, stacks, libraries. That of the HSM worker
 * is not searched: there the module itself holds the keys that are in use (SoftHSM in the C heap), which is its office.
 * What JavaScript does there is held against its code by the contract tests: withValue refuses confined keys.
 */

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});
const { act } = actionsOf(client, V2_1);
const processId = server.process.pid ?? 0;

/** Most bytes read at once. */
const CHUNK = 16 * 1024 * 1024;

/** Places where a value is in the memory of a process that may be written to. */
function placesOf(value: Buffer): readonly string[] {
  const memory = openSync(`/proc/${processId}/mem`, "r");
  const places: string[] = [];
  for (const line of readFileSync(`/proc/${processId}/maps`, "utf8").split("\n")) {
    const [range = "", access = "", , , , name = ""] = line.split(/\s+/);
    if (!access.startsWith("rw") || name === "[vvar]") continue;
    const [start = 0n, end = 0n] = range.split("-").map((digits) => BigInt(`0x${digits}`));
    for (let from = start; from < end; from += BigInt(CHUNK)) {
      const length = Number(end - from < CHUNK ? end - from : BigInt(CHUNK)) + value.length;
      const found = contentOf(memory, from, length).indexOf(value);
      if (found >= 0) places.push(`${range} ${name}`);
    }
  }
  return places;
}

/** What is readable of a range; pages that are gone meanwhile are not. */
function contentOf(memory: number, from: bigint, length: number): Buffer {
  const content = Buffer.alloc(length);
  try {
    return content.subarray(0, readSync(memory, content, 0, length, from));
  } catch {
    // A range that the process has given back since its list was read.
    return Buffer.alloc(0);
  }
}

const confinement: readonly AttributeInstance[] = [
  instance(attributes.extractable, false),
  instance(attributes.sensitive, true),
  instance(attributes.activationDate, 1_000_000_000),
];

type Made = { uniqueIdentifier: string };

async function register(objectType: number, mask: number, object: object): Promise<string> {
  const list = requested(instance(attributes.cryptographicUsageMask, mask), ...confinement);
  return (await act<Made>(Operation.Register, undefined, { objectType, attributes: list, ...object })).uniqueIdentifier;
}

function block(
  keyFormatType: number,
  keyMaterial: Buffer,
  cryptographicAlgorithm: number,
  cryptographicLength: number,
) {
  return { keyBlock: { keyFormatType, keyValue: { keyMaterial }, cryptographicAlgorithm, cryptographicLength } };
}

/** Work of others meanwhile, which takes up what was given back: of small requests and of large ones. */
async function otherWork(): Promise<void> {
  const key = await actionsOf(client, V2_1).create(instance(attributes.activationDate, 1_000_000_000));
  const cryptographicParameters = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };
  for (let round = 0; round < 300; round += 1) {
    const data = randomBytes(round % 3 === 0 ? 40_000 : 300);
    await act(Operation.Encrypt, key, { cryptographicParameters, data });
  }
}

t.test("a search finds what is in the memory of the server", async (t) => {
  const environment = Buffer.from(server.home);
  t.ok(placesOf(environment).length > 0);
});

t.test(
  "the values of keys that may not leave the token are nowhere in the server once they are registered",
  async (t) => {
    const { AES, HMAC_SHA256, EC } = CryptographicAlgorithm;
    const { Encrypt, Decrypt, MACGenerate, Sign } = CryptographicUsageMask;
    const aes = randomBytes(32);
    const mac = randomBytes(20);
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pkcs8 = pair.privateKey.export({ format: "der", type: "pkcs8" });
    const scalar = Buffer.from(pair.privateKey.export({ format: "jwk" }).d ?? "", "base64url");
    const ids = {
      aes: await register(ObjectType.SymmetricKey, Encrypt | Decrypt, {
        symmetricKey: block(KeyFormatType.Raw, Buffer.from(aes), AES, 256),
      }),
      mac: await register(ObjectType.SymmetricKey, MACGenerate, {
        symmetricKey: block(KeyFormatType.Raw, Buffer.from(mac), HMAC_SHA256, 160),
      }),
      ec: await register(ObjectType.PrivateKey, Sign, { privateKey: block(KeyFormatType.PKCS_8, pkcs8, EC, 256) }),
    };
    const cryptographicParameters = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };
    await act(Operation.Encrypt, ids.aes, { cryptographicParameters, data: Buffer.from("data") });
    const made = await act<{ macData: Buffer }>(Operation.MAC, ids.mac, {
      cryptographicParameters: { cryptographicAlgorithm: HMAC_SHA256 },
      data: Buffer.from("data"),
    });
    t.same(made.macData, createHmac("sha256", mac).update("data").digest());
    const hashing = { hashingAlgorithm: HashingAlgorithm.SHA_256 };
    await act(Operation.Sign, ids.ec, { cryptographicParameters: hashing, data: Buffer.from("data") });
    await otherWork();
    for (const [name, value] of Object.entries({ aes, mac, scalar })) t.same(placesOf(value), [], name);
    t.ok(readdirSync(`/proc/${processId}/task`).length > 1, "it is the server that was searched");
  },
);
