import t from "tap";
import { amountOf, UsageError, wordOf } from "./program.js";

t.test("an option that is to be a number from 0 on is refused where it is none", async (t) => {
  t.equal(amountOf("2.5"), 2.5);
  t.equal(amountOf(7), 7, "what stands for an option that was not given is taken as it is");
  for (const text of ["", "many", "-1", "NaN"]) t.throws(() => amountOf(text), UsageError, text);
});

t.test("an option that is to be one of several words is refused where it is none of them", async (t) => {
  t.equal(wordOf("sqlite", ["sqlite", "both"]), "sqlite");
  t.throws(() => wordOf("mysql", ["sqlite", "both"]), { message: '"mysql" is none of sqlite, both' });
});
