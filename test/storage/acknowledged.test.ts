import t from "tap";
import { Acknowledged } from "#storage/acknowledged.js";
import type { Connection } from "#storage/connection.js";

t.test("a row that is found again later does not take the place of a newer one", async (t) => {
  const hash = Buffer.alloc(32, 1);
  const position = (sequence: number) => ({ tenantId: "t", nodeId: "n", sequence, hash });
  const asked: unknown[] = [];
  const select: Connection["select"] = async (_statement, values) => {
    asked.push(values[2]);
    return [{ hash }];
  };
  const acknowledged = new Acknowledged([position(4)]);
  acknowledged.note(position(5));
  acknowledged.note(position(3));
  await acknowledged.check({ select } as Connection);
  t.same(asked, [5]);
});
