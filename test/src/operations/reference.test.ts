import { readFileSync } from "node:fs";
import { test } from "tap";
import { payloads } from "#protocol/payloads/index.js";
import { operations } from "#src/operations/index.js";
import { operationsReference } from "#src/operations/reference.js";
import { sourceFiles } from "#test/support/source-files.js";

test("docs/operations.md is what the list of operations says (run `npm run docs`)", async (t) => {
  t.equal(readFileSync("docs/operations.md", "utf8"), operationsReference());
});

test("every operation that is declared stands in the list, once, and the other way round", async (t) => {
  const declared = sourceFiles().filter(
    ({ path, text }) => /^src\/operations\/[^/]+\.ts$/.test(path) && text.includes("= defineOperation("),
  );
  t.equal(operations.length, declared.length);
  t.equal(new Set(operations.map(({ code }) => code)).size, operations.length);
});

test("every operation uses the payloads that the protocol has for its code", async (t) => {
  for (const { code, name, request, response } of operations) {
    const shapes = payloads.find(({ operation }) => operation === code);
    t.equal(shapes?.request, request, name);
    t.equal(shapes?.answer ?? shapes?.response, response, name);
  }
});
