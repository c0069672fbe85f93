import t from "tap";
import { randomFrom } from "./choosing.js";
import { differenceOf, isOfOneClass } from "./timing.js";

/** So many times around a middle, in milliseconds. */
function times(middle: number, count: number, random: () => number): readonly number[] {
  return Array.from({ length: count }, () => middle * (0.8 + 0.4 * random()));
}

t.test("times of one kind are of one class, and their ranks are mixed", (t) => {
  const random = randomFrom(1);
  const difference = differenceOf(times(5, 2000, random), times(5, 2000, random));
  t.ok(isOfOneClass(difference));
  t.ok(difference.p > 0.01, `p = ${difference.p}`);
  t.end();
});

t.test("a tenth more is told apart, by the middle and by the ranks", (t) => {
  const random = randomFrom(2);
  const difference = differenceOf(times(5.5, 2000, random), times(5, 2000, random));
  t.notOk(isOfOneClass(difference));
  t.ok(difference.p < 1e-6, `p = ${difference.p}`);
  t.end();
});

t.test("the ranks are those of Mann and Whitney", (t) => {
  // U = 0 of 25, z = -2.611.
  const { p, foreign, none } = differenceOf([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]);
  t.ok(Math.abs(p - 0.00902) < 0.0001, `p = ${p}`);
  t.same([foreign, none], [3, 8]);
  t.equal(differenceOf([1, 1, 1], [1, 1, 1]).p, 1);
  t.end();
});
