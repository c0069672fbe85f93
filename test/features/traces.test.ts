import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import { playFile } from "#conformance/transcripts/folder.js";
import type { StepDifference } from "#conformance/transcripts/player.js";
import { readTranscript } from "#protocol/encodings/transcript/text.js";
import type { TraceSummary } from "#src/administration/traces/trace.js";
import { readClientFiles } from "#src/kmip-client/identity.js";
import { asking, attribute, register, transcript, version } from "#test/support/asking.js";
import { operatorOf } from "#test/support/operator.js";
import { marker, markerHex, markerNumber, secretPlaces } from "#test/support/secret-places.js";
import { clientFolder, runKeyreeve, startedHome, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const server = await startTestServer({ home: startedHome(), environment: { KEYREEVE_WORKERS: "2" } });
const operator = operatorOf(server);
t.teardown(async () => {
  operator.close();
  await server.stop();
});

const files = clientFolder(server.home);

async function play(text: string): Promise<readonly StepDifference[]> {
  const path = join(server.home, "played.kmip");
  writeFileSync(path, text);
  const played = {
    kmip: { host: "127.0.0.1", port: server.kmipPort },
    https: { host: "127.0.0.1", port: server.httpsPort },
    filesOf: () => readClientFiles(files),
  };
  return (await playFile(path, { server: played })).differences;
}

/** The trace's text once it holds something, since what is handed over is written out behind the answers. */
async function textOf(id: string, expected: RegExp): Promise<string> {
  for (let attempt = 0; ; attempt += 1) {
    let text = "";
    for await (const piece of operator.traces.read(id)) text += piece;
    if (expected.test(text) || attempt === 200) return text;
    await pause(25);
  }
}

let traced: TraceSummary | undefined;

t.test("no secret of any request or answer stands in a trace, whatever its place and transport", async (t) => {
  traced = await operator.traces.start({ tenant: "demo", client: "demo-client" });
  t.same(await play(transcript(...secretPlaces)), []);
  const last = "the last request of the test";
  await play(transcript(asking("Locate", attribute("Contact Information", `: "${last}"`))));
  const text = await textOf(traced.id, new RegExp(`${last}[sS]*<<`));
  t.equal(text.split("\n>> ").length - 1 + text.split("\n>>\n").length - 1, secretPlaces.length + 2);
  const forms = [
    marker,
    markerHex,
    markerHex.toUpperCase(),
    Buffer.from(marker).toString("base64"),
    String(BigInt(markerNumber)),
  ];
  for (const form of forms) t.notOk(text.includes(form), form);
  t.match(text, /KeyMaterial: <redacted 16 bytes #[0-9a-f]{8}>/);
  const digestOf = (field: string) =>
    new RegExp(`${field}: <redacted (?:text of )?16 bytes #([0-9a-f]{8})>`).exec(text)?.[1];
  t.equal(digestOf("KeyMaterial"), digestOf("Password"), "equal secrets are shown as equal");
  t.match(text, /Username: "somebody"/);
  t.match(text, /connect connection \S+ over xml/);
  t.doesNotThrow(() => readTranscript(text));
  t.equal(statSync(traced.file).mode & 0o777, 0o600);
});

t.test("while a trace runs status, list and the audit trail tell of it; stopped, it says so", async (t) => {
  const running = traced;
  if (running === undefined) throw new Error("no trace was started");
  t.match((await operator.status()).traces, [{ id: running.id, client: "demo-client", running: true }]);
  t.match(await runKeyreeve(server.home, ["status"]), {
    code: 0,
    stdout: new RegExp(`${running.id} +demo +demo-client`),
  });
  t.match(await runKeyreeve(server.home, ["trace", "stop", running.id]), {
    code: 0,
    stdout: /ended: stopped by admin/,
  });
  t.match(await runKeyreeve(server.home, ["trace", "stop", running.id]), { code: 1, stderr: /has ended/ });
  t.match(await runKeyreeve(server.home, ["trace", "list"]), { code: 0, stdout: /stopped by admin/ });
  const before = readFileSync(running.file, "utf8");
  await play(transcript(asking("Query", ["QueryFunction: QueryOperations"])));
  await pause(100);
  t.equal(readFileSync(running.file, "utf8"), before);
  const trail: string[] = [];
  for await (const line of operator.exportAudit({})) trail.push(line);
  for (const [operation, words] of [
    ["Start Trace", /"client":"demo-client".*"until"/],
    ["Stop Trace", /admin/],
    ["(event)", /trace-started/],
    ["(event)", /trace-ended/],
  ] as const) {
    t.ok(
      trail.some((line) => line.includes(`"operation":"${operation}"`) && words.test(line.replaceAll("\\", ""))),
      operation,
    );
  }
});

const cbc = [
  "CryptographicParameters",
  "  BlockCipherMode: CBC",
  "  PaddingMethod: PKCS5",
  "  CryptographicAlgorithm: AES",
];

/** What a MongoDB driver does for a data key and in delegated mode: a connection for each message, mixed versions. */
const driverSession = transcript(
  asking(
    "Register",
    [
      ...register("SecretData", ...attribute("Cryptographic Usage Mask", ": 0")),
      "SecretData",
      "  SecretDataType: Seed",
      "  KeyBlock",
      "    KeyFormatType: Opaque",
      "    KeyValue",
      `      KeyMaterial: h'${"0123456789ab".repeat(16)}'`,
    ],
    { version: "1.0" },
  ).slice(0, -1),
  [
    "<<",
    "  ResponseMessage",
    "    ResponseHeader",
    ...version("1.0"),
    "      TimeStamp: $now",
    "      BatchCount: 1",
    "    BatchItem",
    "      Operation: Register",
    "      ResultStatus: Success",
    "      ResponsePayload",
    "        UniqueIdentifier: $seed",
    "close",
  ],
  asking("Activate", ["UniqueIdentifier: $seed"], { version: "1.0" }),
  ["close"],
  asking("Get", ["UniqueIdentifier: $seed"], { version: "1.0" }),
  ["close"],
  asking(
    "Create",
    [
      "ObjectType: SymmetricKey",
      "TemplateAttribute",
      ...[
        ["Cryptographic Algorithm", "AES"],
        ["Cryptographic Length", "256"],
        ["Cryptographic Usage Mask", "Encrypt|Decrypt"],
      ].flatMap(([name, value]) => ["  Attribute", `    AttributeName: "${name}"`, `    AttributeValue: ${value}`]),
    ],
    { version: "1.2" },
  ).slice(0, -1),
  [
    "<<",
    "  ResponseMessage",
    "    ResponseHeader",
    ...version("1.2"),
    "      TimeStamp: $now",
    "      BatchCount: 1",
    "    BatchItem",
    "      Operation: Create",
    "      ResultStatus: Success",
    "      ResponsePayload",
    "        ObjectType: SymmetricKey",
    "        UniqueIdentifier: $key",
    "close",
  ],
  asking("Activate", ["UniqueIdentifier: $key"], { version: "1.0" }),
  ["close"],
  asking("Encrypt", ["UniqueIdentifier: $key", ...cbc, "  RandomIV: true", `Data: h'${"00112233".repeat(24)}'`], {
    version: "1.2",
  }).slice(0, -1),
  [
    "<<",
    "  ResponseMessage",
    "    ResponseHeader",
    ...version("1.2"),
    "      TimeStamp: $now",
    "      BatchCount: 1",
    "    BatchItem",
    "      Operation: Encrypt",
    "      ResultStatus: Success",
    "      ResponsePayload",
    "        UniqueIdentifier: $key",
    "        Data: $encrypted",
    "        IVCounterNonce: $iv",
    "close",
  ],
  asking("Decrypt", ["UniqueIdentifier: $key", ...cbc, "Data: $encrypted", "IVCounterNonce: $iv"], { version: "1.2" }),
  ["close"],
);

t.test("a trace of a driver's session is played against a fresh server without a difference", async (t) => {
  const { id: trace } = await operator.traces.start({ tenant: "demo" });
  t.same(await play(driverSession), []);
  await textOf(trace, /Operation: Decrypt[\s\S]*Operation: Decrypt/);
  const { file } = await operator.traces.stop(trace);
  const recorded = readFileSync(file, "utf8");
  t.notMatch(recorded, /0123456789ab|00112233/);
  for (const bytes of [96, 112, 16]) {
    const digests = [...recorded.matchAll(new RegExp(`<redacted ${bytes} bytes #([0-9a-f]{8})>`, "g"))];
    t.equal(digests.length > 1 && new Set(digests.map(([, digest]) => digest)).size < digests.length, true);
  }
  const replayed = await runKeyreeve(server.home, ["replay", file]);
  t.match(replayed, { code: 0, stdout: /no difference/ });
  const changed = join(server.home, "changed.kmip");
  writeFileSync(
    changed,
    readFileSync(file, "utf8").replace(
      "Operation: Activate\n      ResultStatus: Success",
      "Operation: Activate\n      ResultStatus: OperationFailed",
    ),
  );
  t.match(await play(readFileSync(changed, "utf8")), [{ path: "ResponseMessage/BatchItem[0]/ResultStatus" }]);
});

t.test("a trace ends by itself at its size and its number of requests, and what it cannot be is refused", async (t) => {
  const query = transcript(asking("Query", ["QueryFunction: QueryOperations"]));
  for (const [limit, words] of [
    [{ maximumBytes: 3000 }, /reached its size/],
    [{ maximumRequests: 1 }, /as many requests/],
    [{ seconds: 1 }, /time is over/],
  ] as const) {
    const { id: trace } = await operator.traces.start({ tenant: "demo", ...limit });
    await play(query);
    await play(query);
    const text = await textOf(trace, /trace ended/);
    t.match(text, words);
    t.ok(text.length < 6000);
  }
  t.same((await operator.status()).traces, []);
  await t.rejects(operator.traces.start({ tenant: "nobody" }), { code: "not-found" });
  await t.rejects(operator.traces.start({ tenant: "demo", client: "nobody" }), { code: "not-found" });
  await t.rejects(operator.traces.stop("../keyreeve"), { code: "not-found" });
  t.match(await runKeyreeve(server.home, ["trace", "start", "--tenant", "demo", "--for", "soon"]), { code: 2 });
});
