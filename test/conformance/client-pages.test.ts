import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { suites } from "#conformance/interop/suites.js";
import { transcriptsAt } from "#conformance/transcripts/folder.js";
import { profileNames } from "#src/access/client-profiles.js";
import { projectRoot } from "#test/support/server.js";

const folder = join(projectRoot, "docs/clients");
const index = readFileSync(join(folder, "README.md"), "utf8");
const pages = readdirSync(folder).filter((name) => name.endsWith(".md"));
const textOf = (page: string): string => readFileSync(join(folder, page), "utf8");

/** The cells of the index, a row a product. */
const rows = index
  .split("\n")
  .filter((line) => line.startsWith("| ") && line.split("|").length === 8)
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .slice(2)
  .map(([, product = "", versions = "", tested = "", replayed = "", profile = "", page = ""]) => ({
    product,
    versions,
    tested,
    replayed,
    profile,
    page,
  }));

const linksIn = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)#]+)/g)].map(([, target = ""]) => target);

t.test("every page of a product stands in the index", async (t) => {
  t.ok(rows.length > 20);
  const linked = new Set(linksIn(index));
  for (const page of pages.filter((name) => name !== "README.md")) t.ok(linked.has(page), page);
});

t.test("what the index calls tested has a suite that runs the product", async (t) => {
  const names = new Set(suites.map(({ name }) => name));
  const named = rows.flatMap(({ tested }) => [...tested.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));
  for (const name of named) t.ok(names.has(name), name);
  t.strictSame([...new Set(named)].sort(), [...names].sort(), "and every suite stands in it");
});

t.test("what the index calls replayed has a sequence that is played, and every sequence stands in it", async (t) => {
  const played = new Set(transcriptsAt(join(projectRoot, "conformance/clients")));
  const named = new Set(rows.flatMap(({ replayed }) => linksIn(replayed)).map((target) => join(folder, target)));
  t.strictSame([...named].sort(), [...played].sort());
});

t.test("every row says how it is known, and the same is said on its page", async (t) => {
  for (const { product, versions, tested, replayed, profile, page } of rows) {
    t.not(versions, "", product);
    t.ok(tested !== "" || replayed !== "" || profile !== "", product);
    const [target] = linksIn(page);
    if (target === undefined) continue;
    const text = textOf(target);
    for (const link of linksIn(replayed)) t.ok(text.includes(link), `${target} names ${link}`);
  }
});

t.test("the links of the pages lead somewhere, and profiles and commands that they name are there", async (t) => {
  const commands = readFileSync(join(projectRoot, "docs/cli.md"), "utf8");
  for (const page of pages) {
    const text = textOf(page);
    for (const target of linksIn(text).filter((link) => !link.startsWith("http"))) {
      t.ok(existsSync(join(folder, target)), `${page}: ${target}`);
    }
    for (const [, name = ""] of text.matchAll(/--profile ([a-z-]+)/g)) {
      t.ok(
        profileNames.some((each) => each === name),
        `${page}: ${name}`,
      );
    }
    for (const [, command = ""] of text.matchAll(/keyreeve ((?:client|tenant) (?:credential |trust )?[a-z]+)/g)) {
      t.ok(commands.includes(`## keyreeve ${command}`), `${page}: keyreeve ${command}`);
    }
  }
});
