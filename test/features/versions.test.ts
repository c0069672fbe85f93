import fc, { type Arbitrary } from "fast-check";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { HashingAlgorithm, Operation, ResultReason, ResultStatus } from "#protocol/enums/index.js";
import type { StructureCodec } from "#protocol/schema/structure.js";
import { objectNaming } from "#protocol/structures/unique-identifier.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { formatVersion, inSpan, type ProtocolVersion, supportedVersions, V1_0, V2_1 } from "#protocol/versions.js";
import type { Operation as OperationDeclaration } from "#src/operations/contract/operation.js";
import { operations } from "#src/operations/index.js";
import { actionsOf, aesKey, instance } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { ask, named, readAnswer, requestMessageItem, structureItem } from "#test/support/kmip-client-messages.js";
import { clientFolder, connectTo, readIdentity, startTestServer } from "#test/support/server.js";
import { valuesOf } from "#test/support/values.js";
import { strangersOf } from "#test/support/version-strangers.js";

t.setTimeout(550_000);

/** Ends what the next request would need, or asks for what the server is told to begin itself. */
const leftOut: ReadonlySet<number> = new Set([Operation.SetEndpointRole]);

/** Requests of each operation in each version; where an operation is new or changed, all its answers are looked at. */
const requestsEach = 4;

const server = await startTestServer();
t.teardown(() => server.stop());

/** Each version in a tenant of its own, so that what one version keeps does not stand in answers to another. */
async function clientOf(version: ProtocolVersion): Promise<KmipClient> {
  const tenant = `v${version}`;
  await server.administration.createTenant(tenant);
  await server.administration.issueClient(tenant, "prober");
  return connectTo(server, { identity: readIdentity(clientFolder(server.home, tenant, "prober")) });
}

/** The objects that requests name, so that some of them get past the look-up. */
async function objectsFor(client: KmipClient, version: ProtocolVersion): Promise<readonly string[]> {
  const { create, activate } = actionsOf(client, version);
  const active = await create();
  await activate(active);
  return [await create(), active];
}

function isStructure(codec: unknown): codec is StructureCodec<unknown> {
  return typeof codec === "object" && codec !== null && "fields" in codec;
}

/** Requests made from an operation's declaration, the object they name often one that is there. */
function requestsOf({ request }: OperationDeclaration, version: ProtocolVersion, ids: readonly string[]) {
  const values = valuesOf(request, { version, everyField: false });
  if (!isStructure(request) || request.fields["uniqueIdentifier"]?.codec !== objectNaming) return values;
  const real = fc.constantFrom(...ids).map(named);
  return fc.tuple(values, fc.option(real, { nil: undefined, freq: 4 })).map(([value, uniqueIdentifier]) => ({
    ...(value as object),
    ...(uniqueIdentifier !== undefined && { uniqueIdentifier }),
  }));
}

/** The same request with a field lost, doubled or of another type: what clients get wrong. */
function broken(payload: Item): Arbitrary<Item> {
  if (payload.type !== ItemType.Structure || payload.value.length === 0) {
    return fc.constant(structureItem(Tag.RequestPayload, { tag: Tag.Data, type: ItemType.Integer, value: 1 }));
  }
  const fields = payload.value;
  return fc.tuple(fc.nat({ max: fields.length - 1 }), fc.constantFrom("lost", "doubled", "other")).map(([at, how]) => {
    const field = fields[at] ?? payload;
    const instead: Readonly<Record<string, readonly Item[]>> = {
      lost: [],
      doubled: [field, field],
      other: [{ tag: field.tag, type: ItemType.Boolean, value: true }],
    };
    return structureItem(Tag.RequestPayload, ...fields.slice(0, at), ...(instead[how] ?? []), ...fields.slice(at + 1));
  });
}

/** The payloads to send: as declared, and broken. */
function payloadsOf(
  operation: OperationDeclaration,
  version: ProtocolVersion,
  ids: readonly string[],
): Arbitrary<Item> {
  const sound = requestsOf(operation, version, ids).map((value) =>
    operation.request.encode(Tag.RequestPayload, value, { version }),
  );
  return fc.oneof({ weight: 3, arbitrary: sound }, { weight: 1, arbitrary: sound.chain(broken) });
}

/** The operation that the request names is told in the answer, whatever it is (KMIP 2.1 §8.6). */
function unexplained(answer: Item, version: ProtocolVersion, operation: number): readonly string[] {
  const echo = `value /ResponseMessage/BatchItem/Operation = ${operation}`;
  return strangersOf(answer, version).filter((stranger) => stranger !== echo);
}

for (const version of supportedVersions) {
  t.test(`no answer in ${formatVersion(version)} holds what the version does not know`, async (t) => {
    const client = await clientOf(version);
    const outcomes = new Set<number>();
    for (const operation of operations.filter(({ code }) => !leftOut.has(code))) {
      const ids = await objectsFor(client, version);
      const samples = fc.sample(payloadsOf(operation, version, ids), { numRuns: requestsEach, seed: version });
      for (const payload of samples) {
        const answer = await client.request(requestMessageItem(version, [{ operation: operation.code, payload }]));
        t.strictSame(unexplained(answer, version, operation.code), [], operation.name);
        const [item] = readAnswer(answer, version).batchItems;
        outcomes.add(item?.resultReason ?? 0);
        if (inSpan(operation.versions, version)) continue;
        t.equal(item?.resultReason, ResultReason.OperationNotSupported, `${operation.name} is not there yet`);
      }
    }
    t.ok(outcomes.has(0), "some requests are performed");
    t.ok(outcomes.size > 4, "others fail for many reasons");
    await client.close();
  });
}

t.test(
  "an attribute whose value only a later version knows is not told to an earlier one, nor taken from it",
  async (t) => {
    const client = await connectTo(server);
    const parameters = instance(attributes.cryptographicParameters, { hashingAlgorithm: HashingAlgorithm.SHA3_256 });
    const id = await actionsOf(client, V2_1).create(parameters);
    t.equal((await actionsOf(client, V2_1).values(id, attributes.cryptographicParameters)).length, 1);
    t.equal((await actionsOf(client, V1_0).values(id, attributes.cryptographicParameters)).length, 0);
    const refused = await ask(client, V1_0, { operation: Operation.Create, payload: aesKey(parameters) });
    t.equal(refused.status, ResultStatus.OperationFailed);
    await client.close();
  },
);

t.test("what a version does not know is found where it stands in an answer", async (t) => {
  const found = (version: ProtocolVersion, ...items: readonly Item[]): readonly string[] =>
    strangersOf(structureItem(Tag.ResponsePayload, ...items), version);
  const reason = (value: number): Item => ({ tag: Tag.ResultReason, type: ItemType.Enumeration, value });
  t.strictSame(found(104, reason(ResultReason.ObjectNotFound)), [
    `value /ResponsePayload/ResultReason = ${ResultReason.ObjectNotFound}`,
  ]);
  t.strictSame(found(201, reason(ResultReason.ObjectNotFound)), []);
  t.strictSame(found(103, { tag: Tag.Sensitive, type: ItemType.Boolean, value: true }), [
    "tag /ResponsePayload/Sensitive",
  ]);
  const attribute = (name: string, value: Item): Item =>
    structureItem(Tag.Attribute, { tag: Tag.AttributeName, type: ItemType.TextString, value: name }, value);
  const mask: Item = { tag: Tag.AttributeValue, type: ItemType.Integer, value: 0x00100000 };
  t.equal(found(100, attribute("Cryptographic Usage Mask", mask)).length, 1, "a bit of a mask");
  t.equal(found(100, attribute("Sensitive", { ...mask, value: 0 })).length, 1, "the name of an attribute");
});
