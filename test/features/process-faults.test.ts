import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { Operation, State } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { actionsOf, aesKey } from "#test/support/kmip-actions.js";
import { askFor } from "#test/support/kmip-client-messages.js";
import { clientsOfAll, processesOf, type ServingProcess } from "#test/support/processes.js";
import { connectTo, startedHome, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const count = 2;
const server = await startTestServer({ home: startedHome(), environment: { KEYREEVE_WORKERS: String(count) } });
t.teardown(() => server.stop());

/** The processes, once all serve and `number` was started again more often than it was. */
async function whenBack(number: number, before: number): Promise<readonly ServingProcess[]> {
  while (true) {
    const processes = await processesOf(server);
    const restarts = processes.find((one) => one.number === number)?.restarts ?? 0;
    if (restarts > before && processes.every(({ reason }) => reason === null)) return processes;
    await pause(100);
  }
}

async function placeOf(number: number): Promise<{ readonly processId: number; readonly restarts: number }> {
  const { processId, restarts } = (await processesOf(server)).find((one) => one.number === number) ?? {};
  if (typeof processId !== "number" || restarts === undefined) throw new RangeError("the process is not there");
  return { processId, restarts };
}

t.test("a process that is killed takes nothing with it that was acknowledged, and comes back", async (t) => {
  const [lost, kept] = await clientsOfAll(server, count);
  if (lost === undefined || kept === undefined) throw new RangeError("two processes");
  const acknowledged: string[] = [];
  const making = (async () => {
    while (true) {
      const { uniqueIdentifier } = await askFor<{ uniqueIdentifier: string }>(lost, V2_1, Operation.Create, aesKey());
      acknowledged.push(uniqueIdentifier);
    }
  })();
  while (acknowledged.length < 20) await pause(5);
  const { processId, restarts } = await placeOf(1);
  process.kill(processId, "SIGKILL");
  await t.rejects(making, "its connections end with it");
  const others = actionsOf(kept, V2_1);
  await others.activate(await others.create());
  for (const id of acknowledged) t.equal(await others.value(id, attributes.state), State.PreActive);
  const processes = await whenBack(1, restarts);
  t.not(processes.find(({ number }) => number === 1)?.processId, processId);
  const again = await clientsOfAll(server, count);
  for (const client of again) {
    t.equal(await actionsOf(client, V2_1).value(String(acknowledged[0]), attributes.state), State.PreActive);
  }
  await Promise.all([lost, kept, ...again].map((client) => client.close()));
  const reports = JSON.parse(await server.administration.verifyAudit()) as { fault: unknown }[];
  t.ok(reports.length > count);
  t.same(
    reports.filter(({ fault }) => fault !== null),
    [],
  );
});

t.test("a connection on its way to a process that is killed is closed, so that its client can try again", async (t) => {
  const { processId, restarts } = await placeOf(1);
  process.kill(processId, "SIGSTOP");
  // Each process is handed one connection at a time: of three, the one that stands still has one and never takes it.
  let standing = 0;
  const connecting = Array.from({ length: 3 }, async () => {
    const client = await connectTo(server);
    standing += 1;
    return client;
  });
  const ended = Promise.allSettled(connecting);
  while (standing < 2) await pause(5);
  process.kill(processId, "SIGKILL");
  const outcomes = await Promise.race([ended, pause(30_000)]);
  const found = (outcomes ?? []).map(({ status }) => status).sort();
  t.same(found, ["fulfilled", "fulfilled", "rejected"], "nobody waits for what never comes");
  for (const one of outcomes ?? []) if (one.status === "fulfilled") await one.value.close();
  await whenBack(1, restarts);
});

t.test("a process that stands still holds up the others for a while, and is replaced", async (t) => {
  const clients = await clientsOfAll(server, count);
  const [stalled, other] = clients;
  if (stalled === undefined || other === undefined) throw new RangeError("two processes");
  const { create, activate, value } = actionsOf(other, V2_1);
  const id = await create();
  t.equal(await actionsOf(stalled, V2_1).value(id, attributes.state), State.PreActive, "it has the object in memory");
  const { processId, restarts } = await placeOf(1);
  process.kill(processId, "SIGSTOP");
  await activate(id);
  t.equal(await value(id, attributes.state), State.Active);
  await t.rejects(actionsOf(stalled, V2_1).value(id, attributes.state), "nothing old is told by who stood still");
  await whenBack(1, restarts);
  const again = await clientsOfAll(server, count);
  for (const client of again) t.equal(await actionsOf(client, V2_1).value(id, attributes.state), State.Active);
  await Promise.all([...clients, ...again].map((client) => client.close()));
  const events = (await server.administration.exportAudit()).split("\n").filter((line) => line.includes("(event)"));
  for (const kind of ["process-stalled", "process-ended", "process-restored"]) {
    t.ok(
      events.some((line) => line.includes(kind)),
      kind,
    );
  }
});

t.test("all processes end in order when the server is told to stop", async (t) => {
  const client = await connectTo(server);
  await actionsOf(client, V2_1).create();
  const processes = await processesOf(server);
  await server.stop({ keepHome: true });
  for (const { processId } of processes) {
    t.throws(() => process.kill(Number(processId), 0), { code: "ESRCH" });
  }
  t.notMatch(server.output(), /did not end in order/);
  await client.close();
});
