import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  Operation,
  ResultReason,
  RevocationReasonCode,
  State,
} from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { actionsOf, aesKey, instance } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { ask, askFor, named } from "#test/support/kmip-client-messages.js";
import { clientsOfAll, processesOf } from "#test/support/processes.js";
import { connectTo, readIdentity, runKeyreeve, startedHome, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const count = 3;
const rounds = 4;
const connectionsOfClient = 12;
const home = startedHome();
writeFileSync(
  join(home, "keyreeve.yaml"),
  `kmip: { limits: { maximumConnectionsPerClient: ${connectionsOfClient} } }\n`,
);
const server = await startTestServer({ home, environment: { KEYREEVE_WORKERS: String(count) } });
const clients = await clientsOfAll(server, count);
t.teardown(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server.stop();
});

const [first, second] = clients;
if (first === undefined || second === undefined) throw new RangeError("there are several processes");
const { create, activate } = actionsOf(first, V2_1);
const active = instance(attributes.activationDate, 1000);

async function encrypt(client: KmipClient, id: string): Promise<number | undefined> {
  const cryptographicParameters = { blockCipherMode: BlockCipherMode.ECB };
  const payload = { uniqueIdentifier: named(id), cryptographicParameters, data: Buffer.alloc(16) };
  return (await ask(client, V2_1, { operation: Operation.Encrypt, payload })).reason;
}

t.test("each process has an audit chain of its own, and each is whole", async (t) => {
  for (const client of clients) await actionsOf(client, V2_1).create();
  const reports = JSON.parse(await server.administration.verifyAudit()) as { nodeId: string; fault: unknown }[];
  t.same(
    reports.filter(({ fault }) => fault !== null),
    [],
  );
  const nodes = new Set(reports.map(({ nodeId }) => nodeId));
  for (const node of ["node-1", "node-1/1", "node-1/2", "node-1/3"]) t.ok(nodes.has(node), node);
});

t.test("what one process was answered to have changed, no other tells as it was before", async (t) => {
  const stale: string[] = [];
  const round = async (changer: KmipClient): Promise<void> => {
    const actions = actionsOf(changer, V2_1);
    const id = await actions.create();
    const look = async (state: number): Promise<void> => {
      const seen = await Promise.all(clients.map((client) => actionsOf(client, V2_1).value(id, attributes.state)));
      seen.forEach((found, index) => {
        if (found !== state) stale.push(`process ${index + 1}: ${found} instead of ${state}`);
      });
    };
    await look(State.PreActive);
    await actions.activate(id);
    await look(State.Active);
    await actions.revoke(id);
    await look(State.Deactivated);
    await actions.destroy(id);
    await look(State.Destroyed);
  };
  const lane = async (changer: KmipClient): Promise<void> => {
    for (let done = 0; done < rounds; done += 1) await round(changer);
  };
  await Promise.all([...clients, ...clients].map(lane));
  t.same(stale, []);
});

t.test("while many look and one changes, nobody sees a value and later one before it", async (t) => {
  const id = await create();
  let isDone = false;
  const backwards: string[] = [];
  // All processes are asked one after the other: what one of them told, the next one knows.
  const looker = async (): Promise<void> => {
    let newest = 0;
    while (!isDone) {
      for (const client of clients) {
        const comment = Number((await actionsOf(client, V2_1).value(id, attributes.comment)) ?? 0);
        if (comment < newest) backwards.push(`${comment} after ${newest}`);
        newest = Math.max(newest, comment);
      }
    }
  };
  const changers = await clientsOfAll(server, count);
  const change = async (): Promise<void> => {
    for (let value = 1; value <= rounds * 5; value += 1) {
      const payload = { uniqueIdentifier: named(id), newAttribute: instance(attributes.comment, String(value)) };
      const changer = changers[value % count];
      if (changer !== undefined) await askFor(changer, V2_1, Operation.SetAttribute, payload);
    }
    isDone = true;
  };
  await Promise.all([looker(), change()]);
  await Promise.all(changers.map((client) => client.close()));
  t.same(backwards, []);
});

t.test("a key that was destroyed or compromised in one process serves in none", async (t) => {
  const destroyed = await create(active);
  const compromised = await create(active);
  for (const client of clients) t.equal(await encrypt(client, destroyed), undefined, "all have it open");
  for (const client of clients) t.equal(await encrypt(client, compromised), undefined);
  const actions = actionsOf(second, V2_1);
  await actions.revoke(compromised, RevocationReasonCode.KeyCompromise);
  for (const client of clients) t.equal(await encrypt(client, compromised), ResultReason.WrongKeyLifecycleState);
  await actions.revoke(destroyed);
  await actions.destroy(destroyed);
  for (const client of clients) t.not(await encrypt(client, destroyed), undefined);
});

t.test("an operation in parts goes on over whatever connection, in whatever process that is", async (t) => {
  const id = await create(active);
  const subject = {
    uniqueIdentifier: named(id),
    cryptographicParameters: {
      blockCipherMode: BlockCipherMode.CTR,
      cryptographicAlgorithm: CryptographicAlgorithm.AES,
    },
  };
  interface Part {
    readonly data?: Buffer;
    readonly correlationValue?: Buffer;
    readonly ivCounterNonce?: Buffer;
  }
  const iv = Buffer.alloc(16, 1);
  const whole = await askFor<Part>(first, V2_1, Operation.Encrypt, {
    ...subject,
    ivCounterNonce: iv,
    data: Buffer.alloc(48),
  });
  for (const beginner of clients) {
    const begun = await askFor<Part>(beginner, V2_1, Operation.Encrypt, {
      ...subject,
      ivCounterNonce: iv,
      data: Buffer.alloc(16),
      initIndicator: true,
    });
    const { correlationValue } = begun;
    const next = { uniqueIdentifier: named(id), correlationValue, data: Buffer.alloc(16) };
    const middle = await askFor<Part>(second, V2_1, Operation.Encrypt, next);
    const last = await askFor<Part>(first, V2_1, Operation.Encrypt, { ...next, finalIndicator: true });
    const parts = [begun, middle, last].flatMap(({ data }) => (data === undefined ? [] : [data]));
    t.same(Buffer.concat(parts), whole.data);
    const again = await ask(second, V2_1, { operation: Operation.Encrypt, payload: next });
    t.equal(again.reason, ResultReason.InvalidCorrelationValue, "it is over in all of them");
  }
});

t.test("a client that is revoked is refused by every process at once, and its connections are cut", async (t) => {
  const identity = readIdentity(await server.administration.issueClient("demo", "to-revoke"));
  const connections = await Promise.all(Array.from({ length: count * 3 }, () => connectTo(server, { identity })));
  for (const client of connections) await actionsOf(client, V2_1).create();
  await server.administration.revokeClient("demo", "to-revoke");
  const cut = await Promise.all(connections.map((client) => client.closedWithin(1000)));
  t.same(
    cut.filter((isClosed) => !isClosed),
    [],
  );
  for (let tried = 0; tried < count; tried += 1) {
    const client = await connectTo(server, { identity });
    const { reason } = await ask(client, V2_1, { operation: Operation.Create, payload: aesKey() });
    t.equal(reason, ResultReason.AuthenticationNotSuccessful);
    await client.close();
  }
});

t.test("a tenant that is suspended is served by no process, and by all when it is resumed", async (t) => {
  await server.administration.createTenant("paused");
  const identity = readIdentity(await server.administration.issueClient("paused", "theirs"));
  const reasons = async (): Promise<readonly (number | undefined)[]> => {
    const tried = Array.from({ length: count }, async () => {
      const client = await connectTo(server, { identity });
      const { reason } = await ask(client, V2_1, { operation: Operation.Locate, payload: {} });
      await client.close();
      return reason;
    });
    return Promise.all(tried);
  };
  t.same(
    await reasons(),
    Array.from({ length: count }, () => undefined),
  );
  await server.administration.suspendTenant("paused");
  t.same(
    await reasons(),
    Array.from({ length: count }, () => ResultReason.AuthenticationNotSuccessful),
  );
  await server.administration.resumeTenant("paused");
  t.same(
    await reasons(),
    Array.from({ length: count }, () => undefined),
  );
});

t.test("connections of a client are limited in all processes together", async (t) => {
  const identity = readIdentity(await server.administration.issueClient("demo", "many"));
  const open: KmipClient[] = [];
  for (let made = 0; made < connectionsOfClient; made += 1) {
    const client = await connectTo(server, { identity });
    await actionsOf(client, V2_1).locate();
    open.push(client);
  }
  for (let tried = 0; tried < count; tried += 1) {
    const refused = await connectTo(server, { identity });
    await t.rejects(actionsOf(refused, V2_1).locate(), "whichever process it comes to");
    await refused.close();
  }
  await Promise.all(open.map((client) => client.close()));
});

t.test("the status and the metrics tell of every process", async (t) => {
  const { stdout, code } = await runKeyreeve(server.home, ["status", "--json"]);
  const { processes, ready } = JSON.parse(stdout) as { ready: boolean; processes: readonly { number: number }[] };
  t.equal(code, 0);
  t.equal(ready, true);
  t.same(
    processes.map(({ number }) => number),
    [1, 2, 3],
  );
  t.same((await processesOf(server)).length, count);
  await activate(await create());
});
