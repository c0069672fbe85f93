import { test } from "tap";
import { assess, assessmentLine, combinedLimit, type Goal, goals } from "./goals.js";

const bare = { echo: 50_000, pkcs11: { create: 15_000, encrypt: 50_000, sign: 20_000 } };

test("the combined limit is that of both steps one after the other", async (t) => {
  t.equal(Math.round(combinedLimit(50_000, 50_000)), 25_000);
});

test("a goal is reached from its part of the measure on", async (t) => {
  const asked = (goal: Goal) => assess(goal, 0, bare).askedRate;
  t.same(
    goals.map((goal) => Math.round(asked(goal))),
    [12_500, 15_000, 2500, 15_000],
  );
  for (const goal of goals) {
    t.equal(assess(goal, asked(goal), bare).isReached, true);
    t.equal(assess(goal, asked(goal) - 1, bare).isReached, false);
  }
});

test("the line of a goal says what is asked and how much of it is reached", async (t) => {
  const [encrypt, , create] = goals;
  if (encrypt === undefined || create === undefined) throw new RangeError("there are goals");
  t.equal(
    assessmentLine(assess(encrypt, 5000, bare)),
    "Encrypt 1 KiB GCM    5,000/s, asked 12,500/s (50 % of the limit of echo and call): not reached: 40 % of it",
  );
  t.match(assessmentLine(assess(create, 2600, bare)), /2,600\/s, asked 2,500\/s: reached/);
});
