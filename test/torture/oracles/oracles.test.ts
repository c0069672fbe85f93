import t from "tap";
import { outputOf } from "#test/harness/output.js";
import { separability, welch } from "./separability.js";

t.test("all that is wrong with a ciphertext is answered alike, and nothing that is made repeats", async (t) => {
  const args = ["--decryptions", "4", "--values", "20000", "--no-timing"];
  t.match(await outputOf("torture/oracles", args), /^torture:oracles passed in .* decryptions, /m);
});

/** Numbers around a mean, spread as the times of answers are. */
function times(mean: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => mean + ((index * 2654435761) % 1000) / 1000);
}

t.test("a classifier tells times apart that differ, and not those that do not", async (t) => {
  t.ok(separability(times(1, 2000), times(1.3, 2000)).accuracy > 0.6);
  const alike = separability(times(1, 2000), times(1, 2000));
  t.ok(alike.accuracy < 0.5 + alike.chance, String(alike.accuracy));
});

t.test("Welch's t is large where means differ and small where they do not", async (t) => {
  t.ok(Math.abs(welch(times(1, 2000), times(1.1, 2000))) > 4.5);
  t.ok(Math.abs(welch(times(1, 2000), times(1, 2000))) < 4.5);
});
