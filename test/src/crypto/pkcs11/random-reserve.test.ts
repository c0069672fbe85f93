import { randomBytes } from "node:crypto";
import t from "tap";
import { RandomReserve } from "#src/crypto/pkcs11/random-reserve.js";

t.test("no byte of the reserve is given twice, however many ask at once", async (t) => {
  const fetched: Buffer[] = [];
  const reserve = new RandomReserve(async (length) => {
    const bytes = randomBytes(length);
    fetched.push(Buffer.from(bytes));
    return bytes;
  });
  const taken = await Promise.all(Array.from({ length: 2000 }, () => reserve.take(12)));
  t.equal(new Set(taken.map((bytes) => bytes.toString("hex"))).size, 2000);
  t.ok(taken.every((bytes) => bytes.length === 12 && fetched.some((all) => all.includes(bytes))));
  t.ok(fetched.length < 10, `${fetched.length} fetches`);
});

t.test("what is long is fetched by itself, in its length", async (t) => {
  const lengths: number[] = [];
  const reserve = new RandomReserve(async (length) => {
    lengths.push(length);
    return randomBytes(length);
  });
  t.equal((await reserve.take(1000)).length, 1000);
  t.same(lengths, [1000]);
});

t.test("a failure to fetch is told, and the next who asks has it fetched again", async (t) => {
  let failures = 1;
  const reserve = new RandomReserve(async (length) => {
    failures -= 1;
    if (failures >= 0) throw new Error("no token");
    return randomBytes(length);
  });
  await t.rejects(reserve.take(12), { message: "no token" });
  t.equal((await reserve.take(12)).length, 12);
});
