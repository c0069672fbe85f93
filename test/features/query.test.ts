import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  isKnownIn,
  ObjectType,
  Operation,
  OperationTable,
  ProfileName,
  ProfileNameTable,
  QueryFunction,
  QueryFunctionTable,
  ResultReason,
} from "#protocol/enums/index.js";
import type { QueryResponse } from "#protocol/payloads/query.js";
import {
  inSpan,
  type ProtocolVersion,
  supportedVersions,
  V1_0,
  V1_1,
  V1_3,
  V1_4,
  V2_0,
  V2_1,
} from "#protocol/versions.js";
import { operations } from "#src/operations/index.js";
import { clientOperations } from "#src/operations/to-clients/index.js";
import { instance } from "#test/support/kmip-actions.js";
import { ask, askFor } from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
await server.administration.createTenant("plain");
const plainIdentity = readIdentity(await server.administration.issueClient("plain", "plain-client"));
const plainClient = await connectTo(server, { identity: plainIdentity });
t.teardown(async () => {
  await client.close();
  await plainClient.close();
  await server.stop();
});

function query(version: ProtocolVersion, ...queryFunctions: readonly number[]): Promise<QueryResponse> {
  return askFor<QueryResponse>(client, version, Operation.Query, { queryFunctions });
}

t.test("every version is told the operations it has, and no others", async (t) => {
  for (const version of supportedVersions) {
    const { operations: told } = await query(version, QueryFunction.QueryOperations);
    const wanted = [...operations, ...clientOperations]
      .filter(({ versions }) => inSpan(versions, version))
      .map(({ code }) => code);
    t.same([...told].sort(), [...wanted].sort());
    t.ok(told.every((code) => isKnownIn(OperationTable, code, version)));
  }
});

t.test("every version is told only what its answer has room for, whatever is asked", async (t) => {
  for (const version of supportedVersions) {
    const all = QueryFunctionTable.facts.map(({ value }) => value);
    const answer = await query(version, ...all);
    t.equal(answer.extensionInformation.length > 0, version >= V1_1);
    if (version < V2_0) t.equal(answer.profileInformation.length > 0, version >= V1_3);
    t.equal(answer.capabilityInformation.length > 0, version >= V1_3);
    t.equal(answer.protectionStorageMasks !== undefined, version >= V2_0);
  }
});

t.test("profiles are told in the names of the version and for operations that are there", async (t) => {
  const names = async (version: ProtocolVersion) =>
    (await query(version, QueryFunction.QueryProfiles)).profileInformation.map(({ profileName }) => profileName);
  const old = await names(V1_4);
  t.ok(old.includes(ProfileName.TapeLibraryServerKMIPV1_0));
  t.ok(old.includes(ProfileName.TapeLibraryServerKMIPV1_4));
  t.notOk((await names(V1_3)).includes(ProfileName.TapeLibraryServerKMIPV1_4));
  for (const version of [V1_3, V1_4, V2_0, V2_1]) {
    t.ok((await names(version)).every((name) => isKnownIn(ProfileNameTable, name, version)));
  }
});

t.test("capabilities say what batches can do", async (t) => {
  const [capabilities] = (await query(V2_1, QueryFunction.QueryCapabilities)).capabilityInformation;
  t.match(capabilities, { batchUndoCapability: true, batchContinueCapability: true, quantumSafeCapability: false });
});

t.test(
  "the extension list names what the map explains, and the map alone is told where both are asked for",
  async (t) => {
    const { extensionInformation: list } = await query(V2_1, QueryFunction.QueryExtensionList);
    t.same(list, [{ extensionName: "ACME LOCATION" }, { extensionName: "ACME ZIP CODE" }]);
    const both = await query(V2_1, QueryFunction.QueryExtensionMap, QueryFunction.QueryExtensionList);
    t.match(both.extensionInformation, [{ extensionTag: 0x54aa01 }, { extensionTag: 0x54aa02 }]);
  },
);

t.test("tenants that take no part in tests have neither Interop nor the extensions of the cases", async (t) => {
  const queryFunctions = [QueryFunction.QueryOperations, QueryFunction.QueryExtensionMap];
  const answer = await askFor<QueryResponse>(plainClient, V2_1, Operation.Query, { queryFunctions });
  t.notOk(answer.operations.includes(Operation.Interop));
  t.same(answer.extensionInformation, []);
  const payload = { interopFunction: 1, interopIdentifier: "none" };
  const refused = await ask(plainClient, V2_1, { operation: Operation.Interop, payload });
  t.equal(refused.reason, ResultReason.OperationNotSupported);
  await askFor(client, V2_1, Operation.Interop, payload);
});

t.test("defaults are told by group, and unknown groups are refused", async (t) => {
  const forAll = { objectType: ObjectType.SymmetricKey, attributes: [instance(attributes.comment, "for all")] };
  const forOne = {
    objectTypes: { objectType: [ObjectType.SymmetricKey] },
    attributes: [instance(attributes.comment, "for one")],
    objectGroups: { objectGroup: ["one"] },
  };
  const defaultsInformation = { objectDefaults: [forAll, forOne] };
  await askFor(client, V2_1, Operation.SetDefaults, { defaultsInformation });
  const ofGroups = (objectGroup: readonly string[]): object => ({
    queryFunctions: [QueryFunction.QueryDefaultsInformation],
    objectGroups: { objectGroup },
  });
  const all = await query(V2_1, QueryFunction.QueryDefaultsInformation);
  t.equal(all.defaultsInformation?.objectDefaults.length, 2);
  const some = await askFor<QueryResponse>(client, V2_1, Operation.Query, ofGroups(["one"]));
  t.equal(some.defaultsInformation?.objectDefaults.length, 2);
  const unknown = await ask(client, V2_1, { operation: Operation.Query, payload: ofGroups(["nobody's"]) });
  t.equal(unknown.reason, ResultReason.UnknownObjectGroup);
  const older = await query(V2_0, QueryFunction.QueryDefaultsInformation);
  t.equal(older.defaultsInformation?.objectDefaults.length, 1);
  await askFor(client, V2_1, Operation.SetDefaults, {});
  t.equal((await query(V2_1, QueryFunction.QueryDefaultsInformation)).defaultsInformation, undefined);
});

t.test("a query without a function is no query", async (t) => {
  const answer = await ask(client, V1_0, { operation: Operation.Query, payload: { queryFunctions: [] } });
  t.equal(answer.reason, ResultReason.InvalidMessage);
});
