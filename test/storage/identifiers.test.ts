import t from "tap";
import { newIdentifier } from "#storage/identifiers.js";

await t.test(
  "identifiers are UUIDs of version 7, each greater than the one before, also when the clock goes back",
  async (t) => {
    const times = [5000, 5000, 4000, ...Array.from({ length: 10_000 }, () => 5000), 6000];
    const made = times.map((time) => newIdentifier(time));
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    t.ok(made.every((id) => form.test(id)));
    t.same([...made].sort(), made);
    t.equal(new Set(made).size, made.length);
    t.equal(newIdentifier(7000).replaceAll("-", "").slice(0, 12), (7000).toString(16).padStart(12, "0"));
  },
);
