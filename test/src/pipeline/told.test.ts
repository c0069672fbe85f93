import { test } from "tap";
import { Told } from "#src/pipeline/told.js";

test("an answer is looked through when one asks, and once", async (t) => {
  const told = new Told<string>();
  const looks: string[] = [];
  const answer = (...values: readonly string[]) => {
    told.add(() => {
      looks.push(...values);
      return values;
    });
  };
  answer("a", "b");
  answer("c");
  t.strictSame(looks, []);
  t.strictSame(told.all(), ["a", "b", "c"]);
  answer("d");
  t.strictSame(told.all(), ["a", "b", "c", "d"]);
  t.strictSame(told.all(), ["a", "b", "c", "d"]);
  t.strictSame(looks, ["a", "b", "c", "d"]);
});
