import { createHash } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  Data,
  HashingAlgorithm,
  Operation,
  ResultReason,
  ResultStatus,
} from "#protocol/enums/index.js";
import { payloads } from "#protocol/payloads/index.js";
import { V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { actionsOf, instance } from "#test/support/kmip-actions.js";
import { type Answered, type Asked, ask, askAll, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const uses =
  CryptographicUsageMask.Encrypt |
  CryptographicUsageMask.Decrypt |
  CryptographicUsageMask.MACGenerate |
  CryptographicUsageMask.MACVerify;
const id = await actionsOf(client, V2_1).create(
  instance(attributes.activationDate, 1000),
  instance(attributes.cryptographicUsageMask, uses),
);

const byName = (operation: number) => ({ kind: "placeholder", operation }) as const;
const nth = (index: number) => ({ kind: "batch-item", index }) as const;
const ecb = { uniqueIdentifier: named(id), cryptographicParameters: { blockCipherMode: BlockCipherMode.ECB } };
const hashing = (data: unknown): Asked => ({
  operation: Operation.Hash,
  payload: { cryptographicParameters: { hashingAlgorithm: HashingAlgorithm.SHA_256 }, data },
});
const encrypting = (data: unknown): Asked => ({ operation: Operation.Encrypt, payload: { ...ecb, data } });
const decrypting = (data: unknown): Asked => ({ operation: Operation.Decrypt, payload: { ...ecb, data } });

function payloadOf(operation: number, { item }: Answered): Record<string, unknown> {
  const shapes = payloads.find((row) => row.operation === operation);
  if (item.responsePayload === undefined || shapes === undefined) return {};
  return shapes.response.decode(item.responsePayload, { version: V2_1 }) as Record<string, unknown>;
}

t.test("the output of one item is the Data of the next, by the name of the operation or by number", async (t) => {
  const data = Buffer.from("exactly 16 bytes");
  for (const version of [V2_0, V2_1]) {
    for (const [first, second] of [
      [byName(Data.Encrypt), byName(Data.Decrypt)],
      [nth(0), nth(1)],
      [nth(-1), nth(-1)],
    ]) {
      const answers = await askAll(client, version, [encrypting(data), decrypting(first), hashing(second)]);
      t.strictSame(
        answers.map(({ status }) => status),
        [ResultStatus.Success, ResultStatus.Success, ResultStatus.Success],
      );
      const [, decrypted, hashed] = answers;
      if (decrypted === undefined || hashed === undefined) throw new RangeError("an answer is missing");
      t.same(payloadOf(Operation.Decrypt, decrypted)["data"], data);
      t.same(payloadOf(Operation.Hash, hashed)["data"], createHash("sha256").update(data).digest());
    }
  }
});

t.test("random bytes, codes and digests can be referred to, in every operation that takes Data", async (t) => {
  const cryptographicParameters = { cryptographicAlgorithm: CryptographicAlgorithm.HMAC_SHA256 };
  const key = { uniqueIdentifier: named(id), cryptographicParameters };
  const answers = await askAll(client, V2_1, [
    { operation: Operation.RNGRetrieve, payload: { dataLength: 32 } },
    { operation: Operation.MAC, payload: { ...key, data: byName(Data.RNGRetrieve) } },
    hashing(byName(Data.MACMACData)),
    encrypting(byName(Data.Hash)),
    { operation: Operation.RNGSeed, payload: { data: byName(Data.Encrypt) } },
  ]);
  t.ok(answers.every(({ status }) => status === ResultStatus.Success));
  const [, mac, hashed] = answers;
  if (mac === undefined || hashed === undefined) throw new RangeError("an answer is missing");
  const { macData } = payloadOf(Operation.MAC, mac);
  t.same(
    payloadOf(Operation.Hash, hashed)["data"],
    createHash("sha256")
      .update(macData as Buffer)
      .digest(),
  );
});

t.test("a reference to what was never given fails, and so does one in a version that has none", async (t) => {
  for (const data of [byName(Data.Encrypt), nth(0), nth(-1)]) {
    t.equal((await ask(client, V2_1, hashing(data))).reason, ResultReason.InvalidField);
  }
  const [, referring] = await askAll(client, V2_1, [hashing(Buffer.from("data")), hashing(nth(1))]);
  t.equal(referring?.reason, ResultReason.InvalidField);
  t.not((await ask(client, V1_4, hashing(byName(Data.Hash)))).status, ResultStatus.Success);
});
