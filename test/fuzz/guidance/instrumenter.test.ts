import t from "tap";
import { counters, instrument } from "./instrumenter.js";

const source = `
export function kind(n, wish = n > 0 ? "some" : "none") {
  if (n < 0) return "below";
  else if (n === 0) { return "zero"; }
  const odd = (m) => m % 2 === 1 && m > 0;
  let sum = 0;
  for (let i = 0; i < n; i += 1) sum += i;
  for (const each of [1, 2]) { if (each > n) continue; sum += each; }
  while (sum > 100) sum -= 100;
  do sum += 1; while (sum < 3);
  switch (n) { case 1: case 2: return odd(n) ? "odd" : "even"; default: break; }
  try { if (n > 5) throw new Error("many"); } catch { return wish ?? "caught"; }
  return (() => ({ sum }))().sum > 3 || odd(n) ? "much" : "little";
}
`;

/** Runs the module, and gives what it exports. */
async function load(code: string): Promise<{ kind(n: number): string }> {
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { kind(n: number): string };
}

t.test("instrumented code does what it did before, and counts where it went", async (t) => {
  const plain = await load(source);
  const module = `data:text/javascript,${encodeURIComponent("export const all=[];export const region=(n)=>{const r=new Uint8Array(n);all.push(r);return r}")}`;
  const { code, places } = instrument(source, module);
  const counted = await load(code);
  const { all } = (await import(module)) as { all: readonly Uint8Array[] };
  const [hits] = all;
  t.equal(hits?.length, places);
  const numbers = [-1, 0, 1, 2, 3, 4, 5, 6, 20];
  t.same(
    numbers.map((number) => counted.kind(number)),
    numbers.map((number) => plain.kind(number)),
  );
  t.ok(places > 20);
  const missed = hits?.filter((count) => count === 0).length;
  t.equal(missed, 3, "all but what the numbers cannot reach: a wish that is not there, and a sum too small");
});

t.test("lines stay where they were", async (t) => {
  const { code } = instrument(source, "somewhere");
  t.equal(code.split("\n").length, source.split("\n").length);
  const line = source.split("\n").findIndex((text) => text.includes("sum += i;"));
  t.match(code.split("\n")[line], /\{__reached\[\d+\]\+\+;sum \+= i;\}/);
  t.match(code, new RegExp(`${counters}\\[0\\]\\+\\+`));
});
