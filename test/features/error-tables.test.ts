import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { OperationTable, ResultReason, ResultReasonTable } from "#protocol/enums/index.js";
import { enumerationName } from "#protocol/enums/table.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V2_1 } from "#protocol/versions.js";
import { permissions } from "#src/access/permissions.js";
import { operations } from "#src/operations/index.js";
import { commonReasons, errorTables } from "#test/support/errors/tables.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { readAnswer, requestMessageItem, structureItem, versionItem } from "#test/support/kmip-client-messages.js";
import { clientFolder, connectTo, readIdentity, startTestServer, temporaryHome } from "#test/support/server.js";
import { makeTpm } from "#test/support/tpm.js";

t.setTimeout(120_000);

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
  const home = temporaryHome();
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
