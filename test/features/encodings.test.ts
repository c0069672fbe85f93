import fc from "fast-check";
import t from "tap";
import { jsonEncoding, ttlvEncoding, xmlEncoding } from "#protocol/encodings/message-encoding.js";
import { Operation, QueryFunction, ResultReason } from "#protocol/enums/index.js";
import { payloads } from "#protocol/payloads/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import {
  formatVersion,
  inSpan,
  type ProtocolVersion,
  supportedVersions,
  V1_2,
  V1_4,
  V2_1,
} from "#protocol/versions.js";
import { operations } from "#src/operations/index.js";
import { KmipHttpClient } from "#test/support/http-client.js";
import { actionsOf } from "#test/support/kmip-actions.js";
import { named, readAnswer, requestMessageItem } from "#test/support/kmip-client-messages.js";
import { clientFolder, connectTo, readIdentity, startTestServer } from "#test/support/server.js";
import { valuesOf } from "#test/support/values.js";

t.setTimeout(550_000);

const server = await startTestServer();
const identity = readIdentity(clientFolder(server.home));
const tls = await connectTo(server);
const overHttps = [ttlvEncoding, xmlEncoding, jsonEncoding].map(
  (encoding) => new KmipHttpClient(server.httpsPort, identity, encoding),
);
const [httpTtlv, httpXml, httpJson] = overHttps;
if (httpTtlv === undefined || httpXml === undefined || httpJson === undefined) throw new TypeError("three clients");
t.teardown(async () => {
  for (const client of [tls, ...overHttps]) await client.close();
  await server.stop();
});

/** Operations whose answers follow from the request and from what is kept, and nothing else. */
const answersRepeat: ReadonlySet<number> = new Set([
  Operation.Query,
  Operation.DiscoverVersions,
  Operation.Get,
  Operation.GetAttributes,
  Operation.GetAttributeList,
  Operation.Locate,
  Operation.Hash,
]);

/** What differs from one answer to the next by its nature: the moment, and what names this one request. */
const passing: ReadonlySet<number> = new Set([Tag.TimeStamp, Tag.ServerCorrelationValue, Tag.ResultMessage]);

/** An answer without what passes, and without values where these may differ. */
function lasting(item: Item, withValues: boolean): unknown {
  if (item.type === ItemType.Structure)
    return { tag: item.tag, value: item.value.map((child) => lasting(child, withValues)) };
  const isShown = (withValues || item.tag === Tag.ResultReason) && !passing.has(item.tag);
  return { tag: item.tag, type: item.type, ...(isShown && { value: item.value }) };
}

/** Whether XML has a form for every text in a message. */
function isExpressible(message: Item): boolean {
  try {
    xmlEncoding.write(message);
    return true;
  } catch {
    return false;
  }
}

/**
 * Interop acts on the whole tenant; after Set Endpoint Role the server asks on the connection instead of answering;
 * Re-Provision revokes the certificate that all these connections show.
 */
const apart: ReadonlySet<number> = new Set([Operation.Interop, Operation.SetEndpointRole, Operation.ReProvision]);

const samples = fc.constantFrom(...supportedVersions).chain((version) => {
  const offered = operations.filter(({ code, versions }) => inSpan(versions, version) && !apart.has(code));
  return fc.constantFrom(...offered).chain(({ code }) => {
    const shapes = payloads.find(({ operation }) => operation === code);
    if (shapes === undefined) throw new RangeError(`operation ${code} has no payload`);
    const payload = valuesOf(shapes.request, { version, everyField: false });
    return payload.map((value) => ({
      version,
      code,
      message: requestMessageItem(version, [{ operation: code, payload: value }]),
    }));
  });
});

t.test("one message is answered alike over TLS and over HTTPS in TTLV, XML and JSON", async () => {
  await fc.assert(
    fc.asyncProperty(samples, async ({ version, code, message }) => {
      fc.pre(isExpressible(message));
      const expected = await tls.request(message);
      for (const client of overHttps) {
        const answered = await client.request(message);
        const same = JSON.stringify(plainValues(lasting(answered, answersRepeat.has(code))));
        const wanted = JSON.stringify(plainValues(lasting(expected, answersRepeat.has(code))));
        if (same !== wanted)
          throw new Error(`operation ${code} in ${formatVersion(version)}: ${same} is not ${wanted}`);
      }
    }),
    { numRuns: 60 },
  );
});

function plainValues(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Buffer.isBuffer(value)) return value.toString("hex");
  if (Array.isArray(value)) return value.map(plainValues);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainValues(inner)]));
}

t.test("a key made in XML is got in JSON and destroyed in TTLV", async (t) => {
  for (const version of supportedVersions) {
    const id = await actionsOf(httpXml, version).create();
    const got = await actionsOf(httpJson, version).act<{ uniqueIdentifier: string }>(Operation.Get, id);
    t.equal(got.uniqueIdentifier, id, formatVersion(version));
    await actionsOf(httpTtlv, version).destroy(id);
  }
});

function query(version: ProtocolVersion, header: readonly Item[] = []): Item {
  const payload = { queryFunctions: [QueryFunction.QueryOperations] };
  return requestMessageItem(version, [{ operation: Operation.Query, payload }], header);
}

t.test("Maximum Response Size counts the bytes of TTLV in every encoding", async (t) => {
  const limit = ttlvEncoding.write(await tls.request(query(V1_2))).length;
  const within = (value: number): Item =>
    query(V1_2, [{ tag: Tag.MaximumResponseSize, type: ItemType.Integer, value }]);
  for (const client of overHttps) {
    const [fits] = readAnswer(await client.request(within(limit)), V1_2).batchItems;
    t.equal(fits?.resultReason, undefined);
    const [tooLarge] = readAnswer(await client.request(within(limit - 1)), V1_2).batchItems;
    t.equal(tooLarge?.resultReason, ResultReason.ResponseTooLarge);
  }
});

t.test(
  "a message that tells its version but cannot be read gets a KMIP answer in its encoding and version",
  async (t) => {
    for (const [client, encoding] of [
      [httpXml, xmlEncoding],
      [httpJson, jsonEncoding],
    ] as const) {
      const broken = encoding.write(query(V1_4)).toString().replace("QueryOperations", "QueryNothing");
      const { status, body, headers } = await client.ask({ body: broken });
      t.equal(status, 200);
      t.equal(headers["content-type"], encoding === xmlEncoding ? "text/xml" : "application/json");
      const answer = readAnswer(
        encoding.read(body, { maximumBytes: 10_000, maximumDepth: 10, maximumItems: 100 }),
        V1_4,
      );
      t.equal(answer.responseHeader.protocolVersion, V1_4);
      t.equal(answer.batchItems[0]?.resultReason, ResultReason.InvalidMessage);
    }
  },
);

t.test("a body from which no version can be read gets status 400 and words", async (t) => {
  for (const client of overHttps) {
    for (const body of ["<RequestMessage>", '{"tag":', "[]", "<RequestMessage/>", Buffer.of(0xff, 0xfe)]) {
      const { status, headers, body: words } = await client.ask({ body });
      t.equal(status, 400);
      t.match(headers["content-type"], /text\/plain/);
      t.match(words.toString(), /no KMIP message/);
    }
  }
});

t.test("depth, items and size are limited in XML and JSON before anything is made of them", async (t) => {
  const deep = 2000;
  const many = 30_000;
  const bodies: readonly (readonly [KmipHttpClient, string, number])[] = [
    [httpXml, "<Attribute>".repeat(deep) + "</Attribute>".repeat(deep), 400],
    [httpXml, `<RequestMessage>${"<Name/>".repeat(many)}</RequestMessage>`, 400],
    [httpXml, `<!DOCTYPE a [<!ENTITY b "c">]><RequestMessage/>`, 400],
    [httpJson, `${'{"tag":"Attribute","value":['.repeat(deep)}${"]}".repeat(deep)}`, 400],
    [httpJson, `{"tag":"RequestMessage","value":[${Array(many).fill('{"tag":"Name"}').join(",")}]}`, 400],
    [httpJson, " ".repeat(1024 * 1024 + 1), 413],
  ];
  for (const [client, body, status] of bodies) t.equal((await client.ask({ body })).status, status);
});

t.test("what is asked over HTTPS stands in the audit trail like anything else", async (t) => {
  const id = await actionsOf(httpJson, V2_1).create();
  const rows = (await server.administration.exportAudit()).trim().split("\n");
  const row = rows.map((line) => JSON.parse(line)).find(({ objectId }) => objectId === id);
  t.match(row, { operation: "Create", clientName: "demo-client", outcome: "success", protocolVersion: "2.1" });
});

t.test("a client that is revoked is cut off and refused over HTTPS too", async (t) => {
  const revoked = readIdentity(await server.administration.issueClient("demo", "over-https"));
  const client = new KmipHttpClient(server.httpsPort, revoked, xmlEncoding);
  t.equal(readAnswer(await client.request(query(V2_1)), V2_1).batchItems[0]?.resultReason, undefined);
  await server.administration.revokeClient("demo", "over-https");
  const refused = await client.request(query(V2_1)).catch(() => client.request(query(V2_1)));
  t.equal(readAnswer(refused, V2_1).batchItems[0]?.resultReason, ResultReason.AuthenticationNotSuccessful);
  await client.close();
});

t.test("the identifiers of requests over HTTPS name objects of the client's tenant only", async (t) => {
  await server.administration.createTenant("other");
  const stranger = readIdentity(await server.administration.issueClient("other", "stranger"));
  const client = new KmipHttpClient(server.httpsPort, stranger, jsonEncoding);
  const id = await actionsOf(httpJson, V2_1).create();
  const message = requestMessageItem(V2_1, [{ operation: Operation.Get, payload: { uniqueIdentifier: named(id) } }]);
  t.equal(readAnswer(await client.request(message), V2_1).batchItems[0]?.resultReason, ResultReason.ObjectNotFound);
  await client.close();
});
