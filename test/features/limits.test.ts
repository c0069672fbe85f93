import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  CertificateRequestType,
  CertificateType,
  CryptographicAlgorithm,
  HashingAlgorithm,
  ObjectType,
  Operation,
  ResultReason,
  ResultStatus,
  SplitKeyMethod,
} from "#protocol/enums/index.js";
import { announcedVersion } from "#protocol/messages/message.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V1_0, V1_4, V2_1 } from "#protocol/versions.js";
import { sizedCertificate, sizedRequest } from "#test/support/hostile-certificates.js";
import { actionsOf, aesKey, instance, nameOf, registeredAesKey, requested } from "#test/support/kmip-actions.js";
import { askAll, readAnswer, requestMessageItem, structureItem } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const server = await startTestServer();
t.teardown(() => server.stop());

/** "ok", or the name of the reason of the first failure. */
async function outcomeOf(message: Buffer): Promise<string> {
  const client = await connectTo(server);
  try {
    const answer = decodeItem(await client.exchange(message));
    const { batchItems } = readAnswer(answer, announcedVersion(answer) ?? V1_0);
    const failed = batchItems.find(({ resultStatus }) => resultStatus === ResultStatus.OperationFailed);
    const name = Object.entries(ResultReason).find(([, value]) => value === failed?.resultReason)?.[0];
    return failed === undefined ? "ok" : (name ?? "no reason");
  } finally {
    await client.close();
  }
}

const asking = (operation: number, payload: unknown, version = V2_1): Buffer =>
  encodeItem(requestMessageItem(version, [{ operation, payload }]));

/** What comes of one below a limit, of the limit, and of one above it. */
async function around(limit: number, step: number, message: (size: number) => Buffer): Promise<readonly string[]> {
  const outcomes: string[] = [];
  for (const size of [limit - step, limit, limit + step]) outcomes.push(await outcomeOf(message(size)));
  return outcomes;
}

const hash = (data: Buffer): Buffer =>
  asking(Operation.Hash, { cryptographicParameters: { hashingAlgorithm: HashingAlgorithm.SHA_256 }, data });

/** A Query whose batch item carries what a vendor may put there, without criticality. */
function extended(extension: Item): Buffer {
  const message = requestMessageItem(V1_4, [{ operation: Operation.Query, payload: { queryFunctions: [1] } }]);
  const [header, item] = message.value;
  if (header === undefined || item?.type !== ItemType.Structure) throw new TypeError("a request has an item");
  const added = structureItem(
    Tag.MessageExtension,
    { tag: Tag.VendorIdentification, type: ItemType.TextString, value: "nobody" },
    { tag: Tag.CriticalityIndicator, type: ItemType.Boolean, value: false },
    extension,
  );
  return encodeItem(structureItem(Tag.RequestMessage, header, structureItem(Tag.BatchItem, ...item.value, added)));
}

/** A Vendor Extension that makes the message so many structures deep. */
function deep(depth: number): Item {
  // Three structures stand around it.
  let item = structureItem(Tag.VendorExtension);
  for (let level = 4; level < depth; level += 1) item = structureItem(Tag.VendorExtension, item);
  return item;
}

/** One more structure inside than the encoder of this side writes. */
function deeperThanWritten(depth: number): Buffer {
  const written = extended(deep(Math.min(depth, 32)));
  if (depth <= 32) return written;
  const empty = encodeItem(structureItem(Tag.VendorExtension));
  const message = Buffer.concat([written, empty]);
  // The innermost structures stand at the end: each around it grows by what was added.
  for (let at = 0; at < written.length; ) {
    const isStructure = message.readUInt8(at + 3) === ItemType.Structure;
    const length = message.readUInt32BE(at + 4);
    const end = at + 8 + Math.ceil(length / 8) * 8;
    if (isStructure && end === written.length) message.writeUInt32BE(length + empty.length, at + 4);
    at = isStructure && end === written.length ? at + 8 : end;
  }
  return message;
}

t.test("a message has 1 MiB at most", async (t) => {
  const empty = hash(Buffer.alloc(8)).length - 8;
  const outcomes = await around(1024 * 1024, 8, (size) => hash(Buffer.alloc(size - empty)));
  t.same(outcomes, ["ok", "ok", "InvalidMessage"]);
});

t.test("structures nest 32 deep at most", async (t) => {
  t.same(await around(32, 1, deeperThanWritten), ["ok", "ok", "InvalidMessage"]);
});

t.test("a message has 20,000 items at most", async (t) => {
  const one: Item = { tag: Tag.BatchCount, type: ItemType.Boolean, value: true };
  const holding = (count: number): Buffer => extended(structureItem(Tag.VendorExtension, ...Array(count).fill(one)));
  const itemsIn = ({ type, value }: Item): number =>
    type === ItemType.Structure ? value.reduce((sum, child) => sum + itemsIn(child), 1) : 1;
  const others = itemsIn(decodeItem(holding(0)));
  t.same(await around(20_000, 1, (items) => holding(items - others)), ["ok", "ok", "InvalidMessage"]);
});

t.test("a batch has 100 items at most", async (t) => {
  const discover = { operation: Operation.DiscoverVersions, payload: {} };
  const batch = (items: number): Buffer => encodeItem(requestMessageItem(V1_4, Array(items).fill(discover)));
  t.same(await around(100, 1, batch), ["ok", "ok", "InvalidMessage"]);
});

t.test("random bytes are given up to 65,536 at a time", async (t) => {
  const given = await around(65_536, 1, (dataLength) => asking(Operation.RNGRetrieve, { dataLength }));
  t.same(given, ["ok", "ok", "InvalidField"]);
});

t.test("dates are those that a calendar has", async (t) => {
  const farthest = 8_640_000_000_000n;
  for (const sign of [1n, -1n]) {
    const outcomes = await around(0, 1, (beyond) => {
      const date: Item = { tag: Tag.DestroyDate, type: ItemType.DateTime, value: sign * (farthest + BigInt(beyond)) };
      const payload = structureItem(Tag.RequestPayload, { tag: Tag.ValidityDate, type: date.type, value: date.value });
      return asking(Operation.Validate, payload);
    });
    t.same(outcomes, ["InvalidMessage", "InvalidMessage", "NumericRange"], "without a certificate none is valid");
  }
});

t.test("a certificate has 64 KiB and 100 extensions at most, one that is registered", async (t) => {
  const register = (certificateValue: Buffer): Buffer =>
    asking(Operation.Register, {
      objectType: ObjectType.Certificate,
      attributes: requested(instance(attributes.activationDate, 0)),
      certificate: { certificateType: CertificateType.X_509, certificateValue },
    });
  const sizes = await around(64 * 1024, 1, (size) => register(sizedCertificate({ bytes: size })));
  t.same(sizes, ["ok", "ok", "InvalidField"]);
  const extensions = await around(100, 1, (count) => register(sizedCertificate({ extensions: count })));
  t.same(extensions, ["ok", "ok", "InvalidField"]);
});

t.test("the name in a certificate request has 64 parts at most, and the request 64 KiB", async (t) => {
  const certify = (certificateRequestValue: Buffer): Buffer =>
    asking(Operation.Certify, {
      certificateRequestType: CertificateRequestType.PKCS_10,
      certificateRequestValue,
      attributes: requested(),
    });
  const parts = await around(64, 1, (count) => certify(sizedRequest({ parts: count })));
  t.same(parts, ["ok", "ok", "InvalidCSR"]);
  const sizes = await around(64 * 1024, 1, (bytes) => certify(sizedRequest({ bytes })));
  t.same(sizes, ["ok", "ok", "InvalidCSR"]);
});

t.test("a chain has ten certificates at most", async (t) => {
  const validate = (count: number): Buffer => {
    const certificateValue = sizedCertificate({ extensions: 1 });
    const certificates = Array.from({ length: count }, () => ({
      certificateType: CertificateType.X_509,
      certificateValue,
    }));
    return asking(Operation.Validate, { certificates, uniqueIdentifiers: [] });
  };
  t.same(await around(10, 1, validate), ["ok", "ok", "InvalidField"]);
});

t.test("a new object has 1,000 attribute instances at most", async (t) => {
  const usual = 3;
  const making = (count: number): Buffer => {
    const groups = Array.from({ length: count - usual }, (_, number) => instance(attributes.objectGroup, `${number}`));
    return asking(Operation.Create, aesKey(...groups));
  };
  t.same(await around(1000, 1, making), ["ok", "ok", "ServerLimitExceeded"]);
});

t.test("an identifier that is imported has 128 characters at most", async (t) => {
  const importing = (length: number): Buffer => {
    const { symmetricKey } = registeredAesKey(Buffer.alloc(16)) as { readonly symmetricKey: object };
    const uniqueIdentifier = "i".repeat(length);
    const object = { objectType: ObjectType.SymmetricKey, attributes: [], symmetricKey };
    return asking(Operation.Import, { uniqueIdentifier, ...object });
  };
  t.same(await around(128, 1, importing), ["ok", "ok", "InvalidField"]);
});

t.test("a key is split into 255 parts at most", async (t) => {
  const splitting = (parts: number): Buffer =>
    asking(Operation.CreateSplitKey, {
      objectType: ObjectType.SplitKey,
      splitKeyParts: parts,
      splitKeyThreshold: parts,
      splitKeyMethod: SplitKeyMethod.XOR,
      attributes: requested(
        instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.AES),
        instance(attributes.cryptographicLength, 128),
      ),
    });
  t.same(await around(255, 1, splitting), ["ok", "ok", "ServerLimitExceeded"]);
});

t.test("a ticket has 100 rights at most", async (t) => {
  const delegating = (count: number): Buffer => {
    const right = Array.from({ length: count }, () => ({ operations: { operations: [Operation.Get] } }));
    return asking(Operation.DelegatedLogin, { rights: { right } });
  };
  t.same(await around(100, 1, delegating), ["ok", "ok", "InvalidField"]);
});

t.test("a search that finds objects is answered in as many bytes as it takes, and not in one less", async (t) => {
  const client = await connectTo(server);
  t.teardown(() => client.close());
  const { create, locate } = actionsOf(client, V1_4);
  const name = nameOf("found with a limit");
  const made = [await create(name), await create(name)];
  t.strictSame([...(await locate(name))].sort(), made.sort());
  const locating = { operation: Operation.Locate, payload: { attributes: [name] } };
  const limitOf = (value: number): Item => ({ tag: Tag.MaximumResponseSize, type: ItemType.Integer, value });
  const whole = (await client.exchange(encodeItem(requestMessageItem(V1_4, [locating])))).length;
  const [fits] = await askAll(client, V1_4, [locating], [limitOf(whole)]);
  t.equal(fits?.status, ResultStatus.Success);
  const [tooLong] = await askAll(client, V1_4, [locating], [limitOf(whole - 1)]);
  t.equal(tooLong?.reason, ResultReason.ResponseTooLarge);
});

t.test("an answer may be as long as the client says, and not longer", async (t) => {
  const client = await connectTo(server);
  t.teardown(() => client.close());
  const query = { operation: Operation.Query, payload: { queryFunctions: [1] } };
  const limitOf = (value: number): Item => ({ tag: Tag.MaximumResponseSize, type: ItemType.Integer, value });
  const whole = (await client.exchange(encodeItem(requestMessageItem(V1_4, [query])))).length;
  const outcomes: (number | undefined)[] = [];
  for (const limit of [whole + 1, whole, whole - 1]) {
    const [answered] = await askAll(client, V1_4, [query], [limitOf(limit)]);
    outcomes.push(answered?.reason);
  }
  t.same(outcomes, [undefined, undefined, ResultReason.ResponseTooLarge]);
});
