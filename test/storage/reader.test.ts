import t from "tap";
import type { Connection } from "#storage/connection.js";
import type { Answer } from "#storage/threads/messages.js";
import { Reader } from "#storage/threads/reader.js";

/** A connection whose reads end when they are told to, each with no rows. */
class HeldConnection {
  readonly ends: (() => void)[] = [];
  readonly connection: Connection;

  constructor() {
    const held = <Value>(value: Value): Promise<Value> =>
      new Promise((resolve) => this.ends.push(() => resolve(value)));
    const reading = { select: () => held([]), rows: () => held([]), row: () => held(null) };
    this.connection = { ...reading, close: async () => undefined } as unknown as Connection;
  }
}

t.test("a read that ends after the answers to another were sent is answered", async (t) => {
  const held = new HeldConnection();
  const answered: Answer[] = [];
  const reader = new Reader({
    open: async () => held.connection,
    connections: 1,
    together: 2,
    answer: (answers) => void answered.push(...answers),
  });
  await reader.start();
  const read = (id: number) => ({ id, repository: "serverState", method: "get", parameters: ["key"] });
  reader.submit([read(1), read(2)]);
  while (held.ends.length < 2) await new Promise((resolve) => setImmediate(resolve));
  for (const end of held.ends) {
    end();
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  await reader.close();
  t.same(
    answered.map(({ id }) => id),
    [1, 2],
  );
});
