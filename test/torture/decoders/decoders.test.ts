import { existsSync } from "node:fs";
import t from "tap";
import { pykmipPackage } from "#conformance/interop/pykmip/suite.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { resultOf } from "#test/harness/output.js";
import { type Comparison, compare, isThinned } from "./compare.js";
import { randomMessages } from "./messages.js";
import type { Reading } from "./pykmip.js";

const { name, file } = pykmipPackage;
const skip = existsSync(file) ? false : `THE DECODERS WERE NOT COMPARED: apt-get install ${name}`;

t.test("PyKMIP reads what this server writes, and this server what PyKMIP writes of it", { skip }, async (t) => {
  const { checks, done } = await resultOf("torture/decoders", ["--each", "8", "--seed", "20261127"]);
  t.same(
    checks.filter(({ holds }) => !holds),
    [],
  );
  t.ok((done["same"] ?? 0) > 1000, `${done["same"]} messages are the same`);
});

t.test("what is not listed is told: other values, and complaints of another kind", async (t) => {
  const messages = [...randomMessages(1, 1)].filter(({ operation }) => operation === "Destroy");
  const answering = (reading: (bytes: Buffer) => Reading): Promise<Comparison> =>
    compare({ read: async (_, bytes) => reading(bytes) }, messages, () => undefined);
  const changed = await answering((bytes) => ({
    written: Buffer.from(bytes.map((byte) => (byte === 20 ? 21 : byte))),
  }));
  t.equal(changed.unlisted.length, messages.length);
  t.equal((await answering(() => ({ complaint: "ValueError: too odd" }))).unlisted.length, messages.length);
  t.equal((await answering((written) => ({ written }))).same, messages.length);
});

t.test("items may be left out, but not changed, added or in another order", async (t) => {
  const integer = (tag: number, value: number): Item => ({ tag, type: ItemType.Integer, value });
  const structure = (...value: readonly Item[]): Item => ({ tag: Tag.Name, type: ItemType.Structure, value });
  const whole = structure(
    integer(Tag.BatchCount, 1),
    structure(integer(Tag.Offset, 1), integer(Tag.UsageLimitsCount, 1)),
  );
  t.ok(isThinned(whole, structure(structure(integer(Tag.UsageLimitsCount, 1)))));
  t.notOk(isThinned(whole, structure(integer(Tag.BatchCount, 2))), "changed");
  t.notOk(isThinned(whole, structure(integer(Tag.BatchCount, 1), integer(Tag.BatchCount, 1))), "added");
  t.notOk(
    isThinned(whole, structure(structure(integer(Tag.UsageLimitsCount, 1), integer(Tag.Offset, 1)))),
    "in another order",
  );
});
