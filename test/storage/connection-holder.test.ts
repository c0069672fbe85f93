import t from "tap";
import type { Connection } from "#storage/connection.js";
import { StorageError } from "#storage/errors.js";
import { ConnectionHolder } from "#storage/threads/connection-holder.js";

/** A holder of numbered connections, and the numbers of those that were closed. */
function numbered() {
  const closed: number[] = [];
  let opened = 0;
  const holder = new ConnectionHolder(async () => {
    opened += 1;
    const number = opened;
    const connection = { close: async () => void closed.push(number) } as unknown as Connection;
    return { connection, kept: number };
  });
  return { holder, closed };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test("what is under way on a connection that is renewed ends there, and then it is closed", async (t) => {
  const { holder, closed } = numbered();
  let end: () => void = () => undefined;
  const first = holder.use(async (number) => {
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    return number;
  });
  await turn();
  holder.renew();
  t.equal(await holder.use(async (number) => number), 2);
  t.same(closed, []);
  end();
  t.equal(await first, 1);
  await turn();
  t.same(closed, [1]);
  await holder.close();
  t.same(closed, [1, 2]);
});

t.test("an idle connection that is renewed is closed at once", async (t) => {
  const { holder, closed } = numbered();
  await holder.use(async () => undefined);
  holder.renew();
  await turn();
  t.same(closed, [1]);
  holder.renew();
  await holder.close();
  t.same(closed, [1]);
});

t.test("a connection that takes no writes is given up, and the work is done once more on another", async (t) => {
  const { holder, closed } = numbered();
  const tried: number[] = [];
  const used = await holder.use(async (number) => {
    tried.push(number);
    if (number === 1) throw new StorageError("read-only", "it is a standby");
    return number;
  });
  t.equal(used, 2);
  t.same(tried, [1, 2]);
  await turn();
  t.same(closed, [1]);
});
