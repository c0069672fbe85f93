import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  AsynchronousIndicator,
  BatchErrorContinuationOption,
  Operation,
  ResultStatus,
  State,
} from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V2_1 } from "#protocol/versions.js";
import { outcomePatience } from "#src/pipeline/open-outcome.js";
import { CommitCutter, type Cut } from "#test/support/commit-cutter.js";
import { type Actions, actionsOf, aesKey, nameOf } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { type Answered, type Asked, ask, askAll, named } from "#test/support/kmip-client-messages.js";
import { postgresPrograms, startPostgres } from "#test/support/postgres.js";
import { connectTo, startTestServer } from "#test/support/server.js";
import { DatabaseView } from "#test/torture/load/database-view.js";

t.setTimeout(550_000);

const skip = postgresPrograms() === null ? "POSTGRESQL IS NOT INSTALLED: THESE TESTS DID NOT RUN" : false;

/** Asks under a Client Correlation Value, by which the records are found. */
function askMarked(client: KmipClient, mark: string, asked: readonly Asked[], ...more: readonly Item[]) {
  const header: Item = { tag: Tag.ClientCorrelationValue, type: ItemType.TextString, value: mark };
  return askAll(client, V2_1, asked, [header, ...more]);
}

const creating = (name: string): Asked => ({ operation: Operation.Create, payload: aesKey(nameOf(name)) });
const undo: Item = {
  tag: Tag.BatchErrorContinuationOption,
  type: ItemType.Enumeration,
  value: BatchErrorContinuationOption.Undo,
};

const mandatory: Item = {
  tag: Tag.AsynchronousIndicator,
  type: ItemType.Enumeration,
  value: AsynchronousIndicator.Mandatory,
};

const notPerformed = /cannot record .* so it was not performed/;
const cannotTell = /cannot tell whether/;

t.test("a request whose connection to the database breaks at its COMMIT", { skip }, async (t) => {
  const postgres = await startPostgres();
  t.teardown(() => postgres.stop());
  const cutter = await CommitCutter.start(postgres.configuration.host);
  t.teardown(() => cutter.stop());
  const server = await startTestServer({ environment: { KEYREEVE_DATABASE_URL: cutter.url } });
  t.teardown(() => server.stop());
  const client = await connectTo(server);
  t.teardown(() => client.close());
  const { locate, value, destroy, activate, create }: Actions = actionsOf(client, V2_1);

  const outcomes = (mark: string): Promise<readonly string[]> =>
    DatabaseView.look({ ...postgres.configuration, nodeId: "looks" }, async (view) =>
      (await view.newAudit(new Map())).filter((record) => record.mark === mark).map(({ outcome }) => outcome),
    );
  const cutOff = async (mark: string, cut: Cut, asked: readonly Asked[], ...more: readonly Item[]) => {
    const cutting = cutter.cut(mark, cut);
    const [answers] = await Promise.all([askMarked(client, mark, asked, ...more), cutting]);
    // What became of it may be read before the database is known to take writes again.
    while ((await create().catch(() => undefined)) === undefined) await pause(20);
    return answers;
  };
  const messages = (answers: readonly Answered[]) => answers.map(({ message }) => message);

  for (const cut of ["after", "late"] as const) {
    await t.test(`is answered as done where the COMMIT was carried out (${cut})`, async (t) => {
      const made = await cutOff(`made ${cut}`, cut, [creating(`made ${cut}`)]);
      t.same(messages(made), [undefined]);
      t.same(await outcomes(`made ${cut}`), ["success"]);
      const [id = ""] = await locate(nameOf(`made ${cut}`));
      const changed = await cutOff(`changed ${cut}`, cut, [
        { operation: Operation.Activate, payload: { uniqueIdentifier: named(id) } },
      ]);
      t.same(messages(changed), [undefined]);
      t.same(await outcomes(`changed ${cut}`), ["success"]);
      t.equal(await value(id, attributes.state), State.Active);
    });
  }

  await t.test("is answered as not performed where the COMMIT did not arrive, and nothing is left of it", async (t) => {
    const answers = await cutOff("not made", "before", [creating("not made")]);
    t.match(messages(answers), [notPerformed]);
    t.same(await outcomes("not made"), ["failure"]);
    t.same(await locate(nameOf("not made")), []);
    const id = await create();
    const [changed] = await cutOff("not changed", "before", [
      { operation: Operation.Activate, payload: { uniqueIdentifier: named(id) } },
    ]);
    t.match(changed?.message, notPerformed);
    t.equal(await value(id, attributes.state), State.PreActive);
    await activate(id);
    t.same(await outcomes("not changed"), ["failure"]);
  });

  await t.test("is recorded once for each item where its batch is one unit", async (t) => {
    const done = await cutOff("unit after", "after", [creating("unit 1"), creating("unit 2")], undo);
    t.same(messages(done), [undefined, undefined]);
    t.same(await outcomes("unit after"), ["success", "success"]);
    const undone = await cutOff("unit before", "before", [creating("unit 3"), creating("unit 4")], undo);
    t.match(messages(undone).at(-1), notPerformed);
    t.same(await outcomes("unit before"), ["undone", "failure"]);
    t.same(await locate(nameOf("unit 3")), []);
  });

  await t.test("is told that the server cannot tell where the database stays away", async (t) => {
    const id = await create();
    await value(id, attributes.state);
    const cutting = cutter.cut("stays away", "after", { isShut: true });
    const [answered] = await askMarked(client, "stays away", [
      { operation: Operation.Destroy, payload: { uniqueIdentifier: named(id) } },
    ]);
    await cutting;
    t.match(answered?.message, cannotTell);
    cutter.reopen();
    let state: unknown;
    while (state === undefined) {
      state = await value(id, attributes.state).catch(() => undefined);
      await pause(100);
    }
    t.equal(state, State.Destroyed, "nothing old is told");
    t.same(await outcomes("stays away"), ["success"]);
    await t.rejects(destroy(id));
  });

  await t.test("is done after all where it was to be worked on later", async (t) => {
    const [submitted] = await askMarked(client, "later", [creating("later")], mandatory);
    const correlationValue = submitted?.item.asynchronousCorrelationValue;
    await cutter.cut("later", "before", { isShut: true });
    await pause(outcomePatience.longest + 1000);
    cutter.reopen();
    const polled = { operation: Operation.Poll, payload: { asynchronousCorrelationValue: correlationValue } };
    let status: number = ResultStatus.OperationPending;
    while (status !== ResultStatus.Success) {
      await pause(100);
      status = (await ask(client, V2_1, polled)).status;
    }
    t.equal((await locate(nameOf("later"))).length, 1);
    t.same(await outcomes("later"), ["pending", "success"]);
  });
});
