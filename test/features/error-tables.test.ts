import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { Operation, OperationTable, ResultReason, ResultReasonTable } from "#protocol/enums/index.js";
import { enumerationName } from "#protocol/enums/table.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V2_1 } from "#protocol/versions.js";
import { permissions } from "#src/access/permissions.js";
import type { ReasonName } from "#src/objects/kmip-error.js";
import { operations } from "#src/operations/index.js";
import { attributeScenarios } from "#test/support/errors/attributes.js";
import { certificateScenarios } from "#test/support/errors/certificates.js";
import { creatingScenarios } from "#test/support/errors/creating.js";
import { cryptographicScenarios } from "#test/support/errors/cryptography.js";
import { identifierScenarios } from "#test/support/errors/identifiers.js";
import { objectScenarios } from "#test/support/errors/objects.js";
import { pairScenarios } from "#test/support/errors/pairs.js";
import { playAll } from "#test/support/errors/playing.js";
import type { Scenario } from "#test/support/errors/scenario.js";
import { serviceScenarios } from "#test/support/errors/services.js";
import { commonReasons, errorTables } from "#test/support/errors/tables.js";
import { lostKeyScenarios, lostTokenScenarios } from "#test/support/errors/token-faults.js";
import { actionsOf } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { readAnswer, requestMessageItem, structureItem, versionItem } from "#test/support/kmip-client-messages.js";
import { clientFolder, connectTo, readIdentity, startedHome, startTestServer } from "#test/support/server.js";
import { makeTpm } from "#test/support/tpm.js";

t.setTimeout(550_000);

const server = await startTestServer();
t.teardown(() => server.stop());

const nameOf = (operation: number): string => enumerationName(OperationTable, operation) ?? String(operation);
const emptyPayload = structureItem(Tag.RequestPayload);

/** A client of its own whose registration says what `change` says. */
async function clientWith(name: string, change: object): Promise<KmipClient> {
  await server.administration.issueClient("demo", name);
  await server.administration.changeClient("demo", name, JSON.stringify(change));
  return connectTo(server, { identity: readIdentity(clientFolder(server.home, "demo", name)) });
}

async function reasonOf(client: KmipClient, message: Item): Promise<string | undefined> {
  const reason = readAnswer(await client.request(message), V2_1).batchItems[0]?.resultReason;
  return reason === undefined ? undefined : enumerationName(ResultReasonTable, reason);
}

const ask = (operation: number, ...header: readonly Item[]): Item =>
  requestMessageItem(V2_1, [{ operation, payload: emptyPayload }], header);

t.test("every operation that has an Error Handling table is performed", async (t) => {
  const performed = new Set(operations.map(({ code }) => code));
  t.same(
    [...errorTables.keys()].filter((operation) => !performed.has(operation)).map(nameOf),
    [],
    "an operation is missing from src/operations/index.ts",
  );
});

t.test("the tables name reasons of 2.1", async (t) => {
  for (const reason of [...commonReasons, ...[...errorTables.values()].flat()]) t.ok(reason in ResultReason, reason);
});

t.test("every operation is not supported where the operator disabled it", async (t) => {
  const home = startedHome();
  const names = operations.map(({ name }) => JSON.stringify(name)).join(", ");
  writeFileSync(join(home, "keyreeve.yaml"), `kmip:\n  disabledOperations: [${names}]\n`);
  const bare = await startTestServer({ home });
  t.teardown(() => bare.stop());
  const client = await connectTo(bare);
  t.teardown(() => client.close());
  for (const operation of errorTables.keys()) {
    t.equal(await reasonOf(client, ask(operation)), "OperationNotSupported", nameOf(operation));
  }
});

t.test("every operation is denied to a client that may do nothing", async (t) => {
  const client = await clientWith("powerless", { permissions: [] });
  t.teardown(() => client.close());
  for (const operation of errorTables.keys()) {
    t.equal(await reasonOf(client, ask(operation)), "PermissionDenied", nameOf(operation));
  }
});

t.test(
  "every operation requires attestation of a client that must attest, and fails where it does not prove enough",
  async (t) => {
    const registerDigests = ["ab".repeat(32)];
    const client = await clientWith("attesting", {
      permissions,
      attestation: { publicKey: makeTpm().publicKey, registerDigests },
    });
    t.teardown(() => client.close());
    const capable: Item = { tag: Tag.AttestationCapableIndicator, type: ItemType.Boolean, value: true };
    const nonce = structureItem(
      Tag.Nonce,
      { tag: Tag.NonceID, type: ItemType.ByteString, value: Buffer.alloc(16) },
      { tag: Tag.NonceValue, type: ItemType.ByteString, value: Buffer.alloc(32) },
    );
    const credential = structureItem(
      Tag.Credential,
      { tag: Tag.CredentialType, type: ItemType.Enumeration, value: 3 },
      structureItem(
        Tag.CredentialValue,
        nonce,
        { tag: Tag.AttestationType, type: ItemType.Enumeration, value: 1 },
        { tag: Tag.AttestationMeasurement, type: ItemType.ByteString, value: Buffer.from("no quote") },
      ),
    );
    const authentication = structureItem(Tag.Authentication, credential);
    for (const operation of errorTables.keys()) {
      t.equal(await reasonOf(client, ask(operation, capable)), "AttestationRequired", nameOf(operation));
      t.equal(await reasonOf(client, ask(operation, capable, authentication)), "AttestationFailed", nameOf(operation));
    }
  },
);

t.test("every operation without a payload is an invalid message", async (t) => {
  const client = await connectTo(server);
  t.teardown(() => client.close());
  for (const operation of errorTables.keys()) {
    const header = structureItem(Tag.RequestHeader, versionItem(V2_1), {
      tag: Tag.BatchCount,
      type: ItemType.Integer,
      value: 1,
    });
    const item = structureItem(Tag.BatchItem, { tag: Tag.Operation, type: ItemType.Enumeration, value: operation });
    const message = structureItem(Tag.RequestMessage, header, item);
    t.equal(await reasonOf(client, message), "InvalidMessage", nameOf(operation));
  }
});

t.test("no operation is performed of a batch to be undone that holds what cannot be undone", async (t) => {
  const client = await connectTo(server);
  t.teardown(() => client.close());
  const undo: Item = { tag: Tag.BatchErrorContinuationOption, type: ItemType.Enumeration, value: 3 };
  for (const operation of errorTables.keys()) {
    const batch = [operation, Operation.Poll].map((code) => ({ operation: code, payload: emptyPayload }));
    const message = requestMessageItem(V2_1, batch, [undo]);
    t.equal(await reasonOf(client, message), "FeatureNotSupported", nameOf(operation));
  }
});

t.test("no operation is performed for a client that can take no answer", async (t) => {
  const client = await connectTo(server);
  t.teardown(() => client.close());
  const size: Item = { tag: Tag.MaximumResponseSize, type: ItemType.Integer, value: 8 };
  for (const operation of errorTables.keys()) {
    t.equal(await reasonOf(client, ask(operation, size)), "ResponseTooLarge", nameOf(operation));
  }
});

const scenarios: readonly Scenario[] = [
  ...identifierScenarios,
  ...objectScenarios,
  ...attributeScenarios,
  ...creatingScenarios,
  ...pairScenarios,
  ...cryptographicScenarios,
  ...certificateScenarios,
  ...serviceScenarios,
];

t.test("each failure of an operation comes with its own reason", async (t) => {
  const client = await connectTo(server);
  t.teardown(() => client.close());
  await playAll(t, { server, client, actions: actionsOf(client, V2_1) }, scenarios);
});

/** Reasons of the tables that no request can come to, and why. */
const unreachable: ReadonlyMap<number, Readonly<Partial<Record<ReasonName, string>>>> = new Map([
  [Operation.Activate, { InvalidObjectType: "objects of all types have a state (KMIP 2.1 §4.57)" }],
  [Operation.Revoke, { InvalidObjectType: "objects of all types have a state (KMIP 2.1 §4.57)" }],
  [Operation.Decrypt, { MissingInitializationVector: "published cases want Invalid Message (CS-BC-M-12-21)" }],
  [
    Operation.GetConstraints,
    {
      InvalidField: "the request has no fields (KMIP 2.1 table 229)",
      InvalidObjectType: "the request has no fields (KMIP 2.1 table 229)",
    },
  ],
  [Operation.QueryAsynchronousRequests, { InvalidField: "its table does not name it (KMIP 2.1 §6.1.41)" }],
]);

const everyScenario = [...scenarios, ...lostKeyScenarios, ...lostTokenScenarios];

t.test("every reason of every Error Handling table has its scenario", async (t) => {
  for (const [operation, reasons] of errorTables) {
    const played = new Set(everyScenario.filter((each) => each.operation === operation).map(({ reason }) => reason));
    const excepted = unreachable.get(operation) ?? {};
    const wanted: readonly ReasonName[] = [...reasons, "InvalidField"];
    t.same(
      wanted.filter((reason) => !played.has(reason) && excepted[reason] === undefined),
      [],
      nameOf(operation),
    );
  }
});
