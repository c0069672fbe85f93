import t from "tap";
import { linesOf, Verdict } from "./verdict.js";

t.test("a run passes when it did something and every check holds", async (t) => {
  const verdict = new Verdict("crash", 7);
  verdict.none("no acknowledged change is lost", [], 120);
  const result = verdict.result({ kills: 3 });
  t.ok(result.passed);
  t.match(linesOf(result), /crash passed in \d+ s, seed 7: 3 kills\n1 passed, 0 failed\n$/);
});

t.test("a run fails when a check does not hold, and says what went wrong", async (t) => {
  const verdict = new Verdict("crash", 7);
  verdict.none("no acknowledged change is lost", ["key 5 is gone"], 120);
  const result = verdict.result({ kills: 3 });
  t.notOk(result.passed);
  t.match(linesOf(result), /FAILED {2}no acknowledged change is lost: 1 of 120\n +key 5 is gone/);
  t.match(linesOf(result), /0 passed, 1 failed\n$/);
});

t.test("a run that did nothing fails, whatever its checks say", async (t) => {
  const verdict = new Verdict("crash", 7);
  verdict.none("no acknowledged change is lost", [], 0);
  t.notOk(verdict.result({ kills: 0 }).passed);
  t.ok(verdict.result({ kills: 2, refused: 0 }, ["kills"]).passed, "what may be zero is named");
});

t.test("a run without checks fails", async (t) => {
  t.notOk(new Verdict("crash", 7).result({ kills: 1 }).passed);
});
