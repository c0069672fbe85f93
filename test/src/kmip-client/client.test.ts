import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { test } from "tap";
import { NameType, ObjectType, Operation, QueryFunction, ResultReason, ResultStatus } from "#protocol/enums/index.js";
import { responseMessage } from "#protocol/messages/message.js";
import { Tag } from "#protocol/tags.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V1_0, V1_2, V2_1, V3_0 } from "#protocol/versions.js";
import { answersTo } from "#src/kmip-client/answers.js";
import { asked } from "#src/kmip-client/asked.js";
import { calls } from "#src/kmip-client/calls.js";
import { KmipClient, type KmipClientOptions } from "#src/kmip-client/client.js";
import { readClientFiles } from "#src/kmip-client/identity.js";
import { attribute, named } from "#test/support/kmip-client-messages.js";
import { clientFolder, freePort, startTestServer } from "#test/support/server.js";
import { echoHandler, makeTestCertificates, startTestListener } from "#test/support/tls.js";

const server = await startTestServer();
t.teardown(() => server.stop());
const folder = clientFolder(server.home);
const files = readClientFiles(folder);

function connect(options: Partial<KmipClientOptions> = {}): Promise<KmipClient> {
  return KmipClient.connect({ host: "localhost", port: server.kmipPort, files, ...options });
}

const unknown = { uniqueIdentifier: named("00000000-0000-4000-8000-000000000000") };
const nameFilter = (nameValue: string) => ({
  attributes: [attribute("Name", { nameValue, nameType: NameType.UninterpretedTextString })],
});

test("a client speaks the best version that both sides speak", async (t) => {
  for (const [versions, settled] of [
    [undefined, V2_1],
    [[V1_2, V1_0], V1_2],
    [[V1_0], V1_0],
  ] as const) {
    const client = await connect(versions === undefined ? {} : { versions });
    t.equal(client.version, settled);
    t.same((await client.ask(calls.locate, nameFilter("nobody's"))).uniqueIdentifiers, []);
    client.close();
  }
  await t.rejects(connect({ versions: [V3_0, 400] }), /speaks none of the versions of KMIP .*3\.0, 4\.0/);
});

test("a refusal carries its reason, its message and its place", async (t) => {
  const client = await connect();
  t.teardown(() => client.close());
  await t.rejects(client.ask(calls.get, unknown), { name: "KmipFailure", operation: "Get", reason: "ObjectNotFound" });
  const batch = client.askAll([asked(calls.locate, nameFilter("nobody's")), asked(calls.get, unknown)], "Continue");
  await t.rejects(batch, { name: "KmipFailure", operation: "Get", place: 1, serverMessage: /./ });
  const { operations } = await client.ask(calls.query, { queryFunctions: [QueryFunction.QueryOperations] });
  t.ok(operations.includes(Operation.Get), "the connection goes on");
});

test("a batch that was undone fails by the item that failed", async (t) => {
  const items = [
    { operation: Operation.Locate, resultStatus: ResultStatus.OperationUndone, messageExtension: [] },
    {
      operation: Operation.Get,
      resultStatus: ResultStatus.OperationFailed,
      resultReason: ResultReason.PermissionDenied,
      resultMessage: "no",
      messageExtension: [],
    },
  ];
  const list = [asked(calls.locate, nameFilter("any")), asked(calls.get, unknown)] as const;
  t.throws(() => answersTo(list, { version: V2_1, items }), /Get was refused: no \(PermissionDenied\)/);
});

test("an answer that lacks an item or a payload is none", async (t) => {
  const list = [asked(calls.get, unknown)] as const;
  t.throws(() => answersTo(list, { version: V2_1, items: [] }), /answered 0 items of 1/);
  const empty = { operation: Operation.Get, resultStatus: ResultStatus.Success, messageExtension: [] };
  t.throws(() => answersTo(list, { version: V2_1, items: [empty] }), /answer to Get is empty/);
});

test("what keeps a client from a connection is said", async (t) => {
  const port = await freePort();
  await t.rejects(connect({ port }), {
    name: "KmipConnectionError",
    message: new RegExp(`cannot connect to localhost:${port}: .*ECONNREFUSED`),
  });
  await t.rejects(connect({ files: { ...files, authority: files.certificate } }), /certificate/);
  await t.rejects(connect({ serverName: "elsewhere.example" }), /elsewhere\.example.* altnames/);
  await t.rejects(connect({ port: server.httpsPort }), { name: "KmipConnectionError" });
});

test("servers that lack Discover Versions, or send what is no answer, are known as such", async (t) => {
  const certificates = await makeTestCertificates();
  const { ca, client } = certificates;
  const own = { certificate: client.certificatePem, key: client.privateKeyPem, authority: ca.certificatePem };
  const refusing = await startTestListener(t, certificates, {
    handler: { ...echoHandler, onMessage: async () => encodeItem(refusal) },
  });
  const settled = await KmipClient.connect({ host: "localhost", port: refusing.port, files: own });
  t.equal(settled.version, V1_0, "what does not know Discover Versions is a server of 1.0");
  settled.close();
  const echoing = await startTestListener(t, certificates);
  const lost = KmipClient.connect({ host: "localhost", port: echoing.port, files: own });
  await t.rejects(lost, { name: "KmipConnectionError", message: /cannot be read/ });
});

/** What a server of KMIP 1.0 says of an operation that it does not know. */
const refusal = responseMessage.encode(
  Tag.ResponseMessage,
  {
    responseHeader: { protocolVersion: V1_0, timeStamp: 0, attestationType: [], batchCount: 1 },
    batchItems: [
      {
        resultStatus: ResultStatus.OperationFailed,
        resultReason: ResultReason.OperationNotSupported,
        messageExtension: [],
      },
    ],
  },
  { version: V1_0 },
);

test("a folder without a client's files is named", async (t) => {
  const empty = mkdtempSync(join(tmpdir(), "keyreeve-client-"));
  t.teardown(() => rmSync(empty, { recursive: true }));
  t.throws(() => readClientFiles(empty), /holds no files of a client .*client\.crt/);
});

test("what was asked in a batch is answered each in its own type", async (t) => {
  const client = await connect();
  t.teardown(() => client.close());
  const [found, told] = await client.askAll([
    asked(calls.locate, nameFilter("nobody's")),
    asked(calls.query, { queryFunctions: [QueryFunction.QueryObjects] }),
  ]);
  t.same(found.uniqueIdentifiers, []);
  t.ok(told.objectTypes.includes(ObjectType.SecretData));
});
