import t from "tap";
import { attributeByName } from "#protocol/attributes/definitions.js";
import { isPrefixedVendorAttribute } from "#protocol/attributes/instance.js";
import { Operation, QueryFunction } from "#protocol/enums/index.js";
import { Tag, tagFacts } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { formatVersion, inSpan, type ProtocolVersion, supportedVersions } from "#protocol/versions.js";
import { operations } from "#src/operations/index.js";
import { actionsOf } from "#test/support/kmip-actions.js";
import { named, requestMessageItem, structureItem } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const factByTag = new Map(tagFacts.map((fact) => [fact.tag, fact]));

/** Tags and attribute names in an answer that its version does not know. */
function strangers(item: Item, version: ProtocolVersion): readonly string[] {
  const fact = factByTag.get(item.tag);
  const found = fact !== undefined && inSpan(fact, version) ? [] : [fact?.name ?? item.tag.toString(16)];
  if (item.tag === Tag.AttributeName && item.type === ItemType.TextString) {
    const definition = attributeByName(item.value);
    const known = definition === undefined ? isPrefixedVendorAttribute(item.value) : inSpan(definition.span, version);
    if (!known) found.push(item.value);
  }
  return item.type === ItemType.Structure
    ? [...found, ...item.value.flatMap((child) => strangers(child, version))]
    : found;
}

/** A request of the fields that the operation has; one of none at all where it needs others: its refusal counts too. */
function requestFor(version: ProtocolVersion, operation: number, payload: object): Item {
  try {
    return requestMessageItem(version, [{ operation, payload }]);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return requestMessageItem(version, [{ operation, payload: structureItem(Tag.RequestPayload) }]);
  }
}

/** Operations whose requests hold attributes as a list, not as those of an object to be made. */
const listing: ReadonlySet<number> = new Set([Operation.Locate, Operation.Import]);

const everything = [QueryFunction.QueryOperations, QueryFunction.QueryObjects, QueryFunction.QueryServerInformation];

t.test("no answer to any operation in any version holds a field or attribute the version does not know", async (t) => {
  for (const version of supportedVersions) {
    const id = await actionsOf(client, version).create();
    for (const { code, name, target, versions } of operations) {
      if (!inSpan(versions, version) || code === Operation.Destroy) continue;
      const payload = {
        ...(target === undefined ? {} : { uniqueIdentifier: named(id) }),
        ...(code === Operation.Import ? { uniqueIdentifier: id } : {}),
        attributeNames: [],
        attributes: listing.has(code) ? [] : { attributes: [], templates: [] },
        queryFunctions: everything,
        protocolVersions: [],
        dataLength: 8,
        data: Buffer.alloc(16),
        newAttribute: { name: "Contact Information", value: "x" },
        attributeName: "Contact Information",
        revocationReason: { revocationReasonCode: 1 },
        objectType: 2,
        interopFunction: 1,
        interopIdentifier: "test",
        cryptographicParameters: { hashingAlgorithm: 6 },
        signatureData: Buffer.alloc(1),
        macData: Buffer.alloc(1),
        logMessage: "x",
        constraints: { constraint: [] },
        asynchronousCorrelationValue: Buffer.alloc(16),
      };
      const answer = await client.request(requestFor(version, code, payload));
      t.strictSame(strangers(answer, version), [], `${name} in ${formatVersion(version)}`);
    }
  }
});
