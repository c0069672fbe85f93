import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { type CaseResult, playCase } from "#conformance/play.js";
import { RunState } from "#conformance/run-state.js";
import { connectTo, projectRoot, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const server = await startTestServer();
t.teardown(() => server.stop());

const published = readFileSync(join(projectRoot, "test/conformance/data/round-trip.xml"), "utf8");

/** Plays the case with a part of it replaced by another. Gives the result and what the case left behind. */
async function playWith(t: Test, part: string, other: string): Promise<[CaseResult, readonly string[]]> {
  t.ok(part === "" || published.includes(part), "the part stands in the case");
  const folder = mkdtempSync(join(tmpdir(), "keyreeve-case-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "case.xml");
  const at = part === "" ? published.length : published.lastIndexOf(part);
  writeFileSync(path, published.slice(0, at) + other + published.slice(at + part.length));
  const left: string[] = [];
  const entry = { version: "1.2", profile: "own", name: "round-trip", path };
  const result = await playCase(
    entry,
    () => connectTo(server),
    new RunState(() => Date.now() / 1000),
    async (identifiers) => {
      left.push(...identifiers);
    },
  );
  return [result, left];
}

t.test("a case whose answers come as shown has passed", async (t) => {
  const [result, left] = await playWith(t, "", "");
  t.equal(result.outcome, "passed", JSON.stringify(result.difference));
  t.strictSame(left, [], "nothing of it is removed");
});

t.test("a case fails at the first field that comes otherwise", async (t) => {
  const [result, left] = await playWith(t, "000102030405060708090a0b0c0d0e0f", "ff0102030405060708090a0b0c0d0e0f");
  t.equal(result.outcome, "failed");
  t.equal(result.step, 1);
  t.match(result.difference?.path, /KeyBlock\/KeyValue\/KeyMaterial$/);
  t.equal(left.length, 1, "what it left behind is removed");
});

t.test("a case fails where the server refuses what it expects to be done", async (t) => {
  const [result] = await playWith(
    t,
    'value="$UNIQUE_IDENTIFIER_0"/>\n      </RequestPayload>',
    'value="none"/>\n      </RequestPayload>',
  );
  t.equal(result.outcome, "failed");
  t.match(result.difference?.actual, /OperationFailed.*ItemNotFound/);
});

t.test("a case that needs a request from the server is not yet supported", async (t) => {
  const [result] = await playWith(t, "# [Client-B]", "# [Server-to-Client]");
  t.equal(result.outcome, "not yet supported");
});

t.test("a case that is no case has failed", async (t) => {
  const [result] = await playWith(t, "</KMIP>", "");
  t.equal(result.outcome, "failed");
});
