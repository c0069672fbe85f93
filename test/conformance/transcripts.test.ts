import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { playFile } from "#conformance/transcripts/folder.js";
import type { StepDifference, TranscriptServer } from "#conformance/transcripts/player.js";
import { readClientFiles } from "#src/kmip-client/identity.js";
import { clientFolder, projectRoot, startedHome, startTestServer } from "#test/support/server.js";

const server = await startTestServer({ home: startedHome() });
const folder = mkdtempSync(join(tmpdir(), "keyreeve-transcripts-"));
t.teardown(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
});

const played: TranscriptServer = {
  kmip: { host: "127.0.0.1", port: server.kmipPort },
  https: { host: "127.0.0.1", port: server.httpsPort },
  filesOf: () => readClientFiles(clientFolder(server.home)),
};

async function play(text: string, variables?: ReadonlyMap<string, string>): Promise<readonly StepDifference[]> {
  const path = join(folder, "one.kmip");
  writeFileSync(path, text);
  const { differences } = await playFile(path, { server: played, ...(variables !== undefined && { variables }) });
  return differences;
}

/** The transcript that the page of the format shows. */
const page = readFileSync(join(projectRoot, "docs/transcripts.md"), "utf8");
const shown = /```\n(transcript: 1\n[\s\S]*?)```/.exec(page)?.[1] ?? "";

t.test("the transcript that the documentation shows is played without a difference", async (t) => {
  t.same(await play(shown), []);
});

t.test(
  "every difference is told with the line of its step, its path, what was expected and what was found",
  async (t) => {
    const changed = shown
      .replace(
        "ObjectType: SymmetricKey\n        UniqueIdentifier: $key\nclose",
        "ObjectType: SecretData\n        UniqueIdentifier: $key\nclose",
      )
      .replace("            CryptographicAlgorithm: AES\n", "")
      .replace("CryptographicLength: 256\nclose connection 2", "CryptographicLength: 128\nclose connection 2");
    const lineOf = (text: string) => changed.split("\n").indexOf(text) + 1;
    const differences = await play(changed);
    const base = "ResponseMessage/BatchItem[0]/ResponsePayload";
    t.same(
      differences.map(({ line, path }) => [line, path]),
      [
        [lineOf("<< in one record"), `${base}/ObjectType`],
        [lineOf("<< connection 2"), `${base}/SymmetricKey/KeyBlock/CryptographicLength`],
        [lineOf("<< connection 2"), `${base}/SymmetricKey/KeyBlock/CryptographicLength`],
      ],
    );
    t.match(differences[0], { expected: /SecretData/, actual: /SymmetricKey/ });
  },
);

const version = (minor: number) => [
  "      ProtocolVersion",
  "        ProtocolVersionMajor: 1",
  `        ProtocolVersionMinor: ${minor}`,
];

/** A Query or Discover Versions in a version, and its answer with any payload. */
const request = (operation: string, minor: number, words = "") => [
  `>>${words}`,
  "  RequestMessage",
  "    RequestHeader",
  ...version(minor),
  "      BatchCount: 1",
  "    BatchItem",
  `      Operation: ${operation}`,
  "      RequestPayload",
  ...(operation === "Query" ? ["        QueryFunction: QueryOperations"] : []),
];
const answer = (operation: string, minor: number, words = "") => [
  `<<${words}`,
  "  ResponseMessage",
  "    ResponseHeader",
  ...version(minor),
  "      TimeStamp: $now",
  "      BatchCount: 1",
  "    BatchItem",
  `      Operation: ${operation}`,
  "      ResultStatus: Success",
  "      ResponsePayload: $any",
];
const text = (...lines: readonly (readonly string[] | string)[]) => ["transcript: 1", ...lines.flat()].join("\n");

t.test("requests are sent ahead, in one write, in pieces, and on several connections at a time", async (t) => {
  const differences = await play(
    text(
      request("Query", 0),
      request("DiscoverVersions", 1),
      request("Query", 2, " connection 2"),
      answer("Query", 2, " connection 2 in one record"),
      answer("Query", 0),
      answer("DiscoverVersions", 1),
      request("Query", 1, " with the next"),
      request("Query", 3, " in pieces of 7 bytes"),
      answer("Query", 1, " in one record at most 65536 bytes"),
      answer("Query", 3),
      request("Query", 4),
      "end",
      answer("Query", 4),
      "closed",
    ),
  );
  t.same(differences, []);
});

t.test(
  "a connection has the TLS version, the cipher suite, the session and the transport that it asks for",
  async (t) => {
    const differences = await play(
      text(
        "connect tls 1.2 cipher ECDHE-ECDSA-AES128-GCM-SHA256",
        request("Query", 0),
        answer("Query", 0),
        "close",
        "connect resumed tls 1.2",
        request("Query", 0),
        answer("Query", 0),
        "connect connection https over xml",
        request("Query", 2, " connection https"),
        answer("Query", 2, " connection https"),
        "connect connection old tls 1.0 refused",
        "connect connection nobody without certificate refused",
        "connect connection plain plain",
        "close connection plain",
      ),
    );
    t.same(differences, []);
  },
);

t.test("a server that lets in whom it should refuse, or closes, is told", async (t) => {
  t.match(await play(text("connect refused")), [{ line: 2, expected: "a refusal" }]);
  t.match(await play(text("connect", "end", "<<")), [{ line: 4, actual: /closed the connection/ }]);
  t.match(await play(text(request("Query", 0), "<< at most 16 bytes")), [{ expected: "at most 16 bytes" }]);
});

t.test("a variable has the value that the caller gives, and one without a value ends the play", async (t) => {
  const locate = text(
    ...[">>", "  RequestMessage", "    RequestHeader", ...version(2), "      BatchCount: 1", "    BatchItem"],
    ...["      Operation: Locate", "      RequestPayload", "        Attribute"],
    ...['          AttributeName: "Unique Identifier"', "          AttributeValue: $object"],
    answer("Locate", 2),
  );
  t.same(await play(locate, new Map([["object", "none"]])), []);
  t.match(await play(locate), [{ line: 2, actual: /no answer gave \$object a value/ }]);
});
