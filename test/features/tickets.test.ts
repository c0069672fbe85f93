import { randomUUID } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { CredentialType, Operation, QueryFunction, ResultReason, UsageLimitsUnit } from "#protocol/enums/index.js";
import { authentication } from "#protocol/messages/header.js";
import { payloads } from "#protocol/payloads/index.js";
import { Tag } from "#protocol/tags.js";
import type { Item } from "#protocol/ttlv/item.js";
import { V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { actionsOf, aesKey, instance, requested } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { ask, askAll, askFor, named, structureItem } from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity, startTestServer } from "#test/support/server.js";

let server = await startTestServer();
const folder = await server.administration.issueClient("demo", "colleague");
await server.administration.createTenant("other");
const otherFolder = await server.administration.issueClient("other", "stranger");
const connect = (path?: string): Promise<KmipClient> =>
  connectTo(server, path === undefined ? {} : { identity: readIdentity(path) });
let client = await connect();
const colleague = await connect(folder);
const stranger = await connect(otherFolder);
t.teardown(async () => {
  for (const each of [client, colleague, stranger]) await each.close();
  await server.stop();
});

interface Ticket {
  readonly ticketType: number;
  readonly ticketValue: Buffer;
}

async function newTicket(operation: number, payload: object = {}): Promise<Ticket> {
  return (await askFor<{ ticket: Ticket }>(client, V2_1, operation, payload)).ticket;
}

const delegated = (...right: readonly object[]): Promise<Ticket> =>
  newTicket(Operation.DelegatedLogin, { rights: { right } });

function bearing(ticket: Ticket): Item {
  const credential = [{ credentialType: CredentialType.Ticket, credentialValue: { ticket } }];
  return authentication.encode(Tag.Authentication, { credential }, { version: V2_1 });
}

async function reasonOf(
  by: KmipClient,
  ticket: Ticket,
  operation: number = Operation.Query,
  payload: unknown = { queryFunctions: [QueryFunction.QueryOperations] },
): Promise<number | undefined> {
  return (await askAll(by, V2_1, [{ operation, payload }], [bearing(ticket)]))[0]?.reason;
}

const { create } = actionsOf(client, V2_1);
const get = (id: string): object => ({ uniqueIdentifier: named(id) });

t.test("a ticket stands for the client that logged in, and for nobody else", async (t) => {
  const ticket = await newTicket(Operation.Login);
  t.equal(await reasonOf(client, ticket), undefined);
  t.equal(await reasonOf(colleague, ticket), ResultReason.InvalidTicket);
  t.equal(await reasonOf(stranger, ticket), ResultReason.InvalidTicket);
  t.equal(await reasonOf(client, { ticketType: 1, ticketValue: Buffer.alloc(32) }), ResultReason.InvalidTicket);
});

t.test("a ticket is good for as many requests as it was asked for", async (t) => {
  const ticket = await newTicket(Operation.Login, { requestCount: 2 });
  t.equal(await reasonOf(client, ticket), undefined);
  t.equal(await reasonOf(client, ticket), undefined);
  t.equal(await reasonOf(client, ticket), ResultReason.InvalidTicket);
});

t.test("a ticket is good for as many operations as its limits say", async (t) => {
  const usageLimits = { usageLimitsTotal: 2n, usageLimitsCount: 2n, usageLimitsUnit: UsageLimitsUnit.Object };
  const ticket = await newTicket(Operation.Login, { usageLimits });
  t.equal(await reasonOf(client, ticket), undefined);
  t.equal(await reasonOf(client, ticket), undefined);
  t.equal(await reasonOf(client, ticket), ResultReason.UsageLimitExceeded);
});

t.test("an item that goes beyond the limits of a ticket within one message is told so", async (t) => {
  const usageLimits = { usageLimitsTotal: 1n, usageLimitsCount: 1n, usageLimitsUnit: UsageLimitsUnit.Object };
  const query = { operation: Operation.Query, payload: { queryFunctions: [QueryFunction.QueryOperations] } };
  for (const ticket of [
    await newTicket(Operation.Login, { usageLimits }),
    await delegated({ usageLimits, operations: { operation: [Operation.Query] } }),
  ]) {
    const answers = await askAll(client, V2_1, [query, query], [bearing(ticket)]);
    t.strictSame(
      answers.map(({ reason }) => reason),
      [undefined, ResultReason.UsageLimitExceeded],
    );
  }
});

t.test("a ticket ends with its lease, given as an interval or a date", async (t) => {
  const now = Math.floor(Date.now() / 1000);
  const until = await newTicket(Operation.Login, { leaseTime: { kind: "until", date: now + 600 } });
  t.equal(await reasonOf(client, until), undefined);
  for (const leaseTime of [
    { kind: "until", date: now - 5 },
    { kind: "interval", seconds: 0 },
  ]) {
    const answer = await ask(client, V2_1, { operation: Operation.Login, payload: { leaseTime } });
    t.equal(answer.reason, ResultReason.InvalidField);
  }
});

t.test("terms that make no sense are refused", async (t) => {
  const bytes = { usageLimitsTotal: 2n, usageLimitsUnit: UsageLimitsUnit.Byte };
  for (const terms of [{ requestCount: 0 }, { usageLimits: bytes }]) {
    t.equal(
      (await ask(client, V2_1, { operation: Operation.Login, payload: terms })).reason,
      ResultReason.InvalidField,
    );
    const payload = { ...terms, rights: { right: [] } };
    t.equal(
      (await ask(client, V2_1, { operation: Operation.DelegatedLogin, payload })).reason,
      ResultReason.InvalidField,
    );
  }
});

t.test("a ticket is worth nothing after its logout", async (t) => {
  const ticket = await newTicket(Operation.Login);
  const payload = { ticket };
  t.equal((await ask(colleague, V2_1, { operation: Operation.Logout, payload })).reason, ResultReason.InvalidTicket);
  await askFor(client, V2_1, Operation.Logout, payload);
  t.equal(await reasonOf(client, ticket), ResultReason.InvalidTicket);
  t.equal((await ask(client, V2_1, { operation: Operation.Logout, payload })).reason, ResultReason.InvalidTicket);
});

t.test("a delegated ticket does what one of its rights allows, on the objects and groups they name", async (t) => {
  const [one, two] = [await create(), await create()];
  const member = await create(instance(attributes.objectGroup, "shared"));
  const ticket = await delegated(
    { operations: { operation: [Operation.Get] }, objects: { uniqueIdentifier: [named(one)] } },
    { operations: { operation: [Operation.GetAttributes] }, objectGroups: { objectGroup: ["shared"] } },
  );
  for (const by of [client, colleague]) {
    t.equal(await reasonOf(by, ticket, Operation.Get, get(one)), undefined);
    t.equal(await reasonOf(by, ticket, Operation.Get, get(two)), ResultReason.ObjectNotFound);
    t.equal(await reasonOf(by, ticket, Operation.Get, get(member)), ResultReason.PermissionDenied);
    const read = { ...get(member), attributeNames: [] };
    t.equal(await reasonOf(by, ticket, Operation.GetAttributes, read), undefined);
    t.equal(await reasonOf(by, ticket, Operation.Create, aesKey()), ResultReason.PermissionDenied);
    t.equal(await reasonOf(by, ticket), ResultReason.PermissionDenied);
  }
  t.equal(await reasonOf(stranger, ticket, Operation.Get, get(one)), ResultReason.InvalidTicket);
  const wrapping = { wrappingMethod: 1, encryptionKeyInformation: { uniqueIdentifier: two }, attributeNames: [] };
  t.equal(
    await reasonOf(client, ticket, Operation.Get, { ...get(one), keyWrappingSpecification: wrapping }),
    ResultReason.WrappingObjectNotFound,
  );
});

t.test("an object beyond the reach of a delegated ticket is not there for its bearer, whatever is asked", async (t) => {
  const [one, two] = [await create(), await create()];
  await actionsOf(client, V2_1).destroy(two);
  const ticket = await delegated({ objects: { uniqueIdentifier: [named(one)] } });
  for (const operation of [Operation.Get, Operation.GetAttributes, Operation.Activate, Operation.ReKey]) {
    const asking = (id: string) => [
      { operation, payload: { ...get(id), attributeNames: [], attributes: requested() } },
    ];
    const [beyond] = await askAll(colleague, V2_1, asking(two), [bearing(ticket)]);
    const [missing] = await askAll(colleague, V2_1, asking(randomUUID()), [bearing(ticket)]);
    t.ok(beyond?.reason);
    t.strictSame({ ...beyond, item: undefined }, { ...missing, item: undefined });
  }
});

t.test("who shows wrong tickets keeps nobody else out, though they share an address", async (t) => {
  const ticket = await newTicket(Operation.Login);
  const guess = { ticketType: 1, ticketValue: Buffer.alloc(32) };
  for (let tries = 0; tries < 25; tries += 1) await reasonOf(stranger, guess);
  t.equal(await reasonOf(stranger, guess), ResultReason.AuthenticationNotSuccessful);
  t.equal(await reasonOf(client, ticket), undefined);
  t.equal(await reasonOf(colleague, await delegated({})), undefined);
});

t.test("a right is used up by itself, and no rights allow nothing", async (t) => {
  const usageLimits = { usageLimitsTotal: 1n, usageLimitsCount: 1n, usageLimitsUnit: UsageLimitsUnit.Object };
  const ticket = await delegated({ usageLimits, operations: { operation: [Operation.Query] } });
  t.equal(await reasonOf(colleague, ticket), undefined);
  t.equal(await reasonOf(colleague, ticket), ResultReason.UsageLimitExceeded);
  t.equal(await reasonOf(colleague, await delegated()), ResultReason.PermissionDenied);
});

t.test("a delegated ticket gives out no tickets, and allows nothing its giver may not do", async (t) => {
  const all = await delegated({});
  t.equal(await reasonOf(colleague, all), undefined);
  t.equal(await reasonOf(colleague, all, Operation.Login, {}), ResultReason.PermissionDenied);
  t.equal(await reasonOf(colleague, all, Operation.SetDefaults, {}), ResultReason.PermissionDenied);
  const { ticket: lesser } = await askFor<{ ticket: Ticket }>(colleague, V2_1, Operation.DelegatedLogin, {
    rights: { right: [{}] },
  });
  t.equal(await reasonOf(client, lesser, Operation.SetDefaults, {}), ResultReason.PermissionDenied);
});

t.test("logins came with 2.0", async (t) => {
  const login = payloads.find(({ operation }) => operation === Operation.Login);
  t.equal(login?.since, V2_0);
  const payload = structureItem(Tag.RequestPayload);
  t.equal(
    (await ask(client, V1_4, { operation: Operation.Login, payload })).reason,
    ResultReason.OperationNotSupported,
  );
});

t.test("tickets outlive the server's process, and their values are nowhere in it", async (t) => {
  const ticket = await newTicket(Operation.Login);
  await client.close();
  const { home, kmipPort, adminPort } = server;
  await server.stop({ keepHome: true });
  server = await startTestServer({ home, kmipPort, adminPort });
  client = await connect();
  t.equal(await reasonOf(client, ticket), undefined);
  t.notMatch(await server.administration.exportAudit(), ticket.ticketValue.toString("hex"));
});
