import t from "tap";
import type { Connection } from "#storage/connection.js";
import type { Statement } from "#storage/statements.js";
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

/** A reader over a connection in which each tenant has so many objects, and who had which piece of a search. */
async function searching(objects: Readonly<Record<string, number>>) {
  const pieces: string[] = [];
  const select = async (_statement: Statement, values: readonly unknown[]): Promise<Record<string, unknown>[]> => {
    const [tenant, behind] = values;
    // The search itself is given the end of the stretch, too.
    if (values.length !== 2) return [];
    pieces.push(String(tenant));
    const rest = Math.min(Number(behind), objects[String(tenant)] ?? 0) - 500;
    return rest > 0 ? [{ order: rest }] : [];
  };
  const answered: number[] = [];
  const reader = new Reader({
    open: async () => ({ select, row: async () => null, close: async () => undefined }) as unknown as Connection,
    connections: 1,
    together: 1,
    answer: (answers) => void answered.push(...answers.map(({ id }) => id)),
  });
  await reader.start();
  const search = (id: number, tenant: string) => {
    const parameters = [tenant, [], { limit: 1_000_000 }];
    return { id, repository: "objects", method: "locate", parameters };
  };
  return { reader, search, pieces, answered };
}

t.test("a long search takes turns with the reads of other tenants, piece by piece", async (t) => {
  const { reader, search, pieces, answered } = await searching({ large: 10_000, small: 400 });
  reader.submit([search(1, "large"), search(2, "small")]);
  reader.submit([search(3, "small")]);
  await reader.close();
  t.same(pieces.slice(0, 4), ["large", "small", "large", "small"]);
  t.same(answered, [2, 3, 1]);
  t.equal(pieces.length, 22);
});

t.test("short reads of a tenant pass its long ones, which are finished one after the other", async (t) => {
  const { reader, search, pieces, answered } = await searching({ one: 2000 });
  const short = { id: 4, repository: "serverState", method: "get", parameters: ["one"] };
  reader.submit([search(1, "one"), search(2, "one"), search(3, "one"), short]);
  await reader.close();
  t.same(answered, [4, 1, 2, 3]);
  t.equal(pieces.length, 12);
});
