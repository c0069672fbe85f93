import t from "tap";
import { expectedItem } from "#conformance/case-file.js";
import type { Difference } from "#conformance/comparator.js";
import { compareMessage } from "#conformance/message.js";
import { RunState } from "#conformance/run-state.js";
import { itemFromXml } from "#protocol/encodings/xml.js";
import { parseXmlElements } from "#protocol/encodings/xml-elements.js";

const now = 1_700_000_000;
const nowText = "2023-11-14T22:13:20+00:00";

const batchItem = (operation: string, payload: string, result = ""): string =>
  `<BatchItem><Operation type="Enumeration" value="${operation}"/>${result}${payload}</BatchItem>`;

const success = `<ResultStatus type="Enumeration" value="Success"/>`;

const recordedText = "2012-04-27T08:14:28+00:00";

const response = (operation: string, payload: string, header = "", at = nowText): string =>
  `<ResponseMessage><ResponseHeader><TimeStamp type="DateTime" value="${at}"/>${header}</ResponseHeader>${batchItem(
    operation,
    `<ResponsePayload>${payload}</ResponsePayload>`,
    success,
  )}</ResponseMessage>`;

const request = (operation: string, payload: string): string =>
  `<RequestMessage>${batchItem(operation, `<RequestPayload>${payload}</RequestPayload>`)}</RequestMessage>`;

interface Exchange {
  readonly operation: string;
  readonly asked?: string;
  readonly expected: string;
  readonly answered: string;
  readonly expectedHeader?: string;
  readonly answeredHeader?: string;
}

function play(exchange: Exchange, run = new RunState(() => now)): Difference | undefined {
  const [element] = parseXmlElements(
    response(exchange.operation, exchange.expected, exchange.expectedHeader, recordedText),
  );
  if (element === undefined) throw new TypeError("no element");
  const asked = itemFromXml(request(exchange.operation, exchange.asked ?? ""));
  run.noteRequest(asked);
  const answer = itemFromXml(response(exchange.operation, exchange.answered, exchange.answeredHeader));
  return compareMessage(expectedItem(element), answer, asked, run)[0];
}

const identifier = (value: string): string => `<UniqueIdentifier type="TextString" value="${value}"/>`;
const key = (hex: string): string =>
  `<SymmetricKey><KeyBlock><KeyFormatType type="Enumeration" value="Raw"/><KeyValue><KeyMaterial type="ByteString" value="${hex}"/></KeyValue></KeyBlock></SymmetricKey>`;
const attribute = (name: string, type: string, value: string): string =>
  `<Attribute><AttributeName type="TextString" value="${name}"/><AttributeValue type="${type}" value="${value}"/></Attribute>`;
const names = (...list: readonly string[]): string =>
  list.map((name) => `<AttributeName type="TextString" value="${name}"/>`).join("");

t.test("an equal answer has no difference", async (t) => {
  t.equal(play({ operation: "Activate", expected: identifier("a"), answered: identifier("a") }), undefined);
});

t.test("a different value is a difference that names its path", async (t) => {
  const difference = play({ operation: "Activate", expected: identifier("a"), answered: identifier("b") });
  t.equal(difference?.path, "ResponseMessage/BatchItem[0]/ResponsePayload/UniqueIdentifier");
  t.match(difference?.actual, /"b"/);
});

t.test("a different type is a difference", async (t) => {
  const answered = `<UniqueIdentifier type="ByteString" value="61"/>`;
  t.ok(play({ operation: "Activate", expected: identifier("$UNIQUE_IDENTIFIER_0"), answered }));
});

t.test("a field too many is a difference", async (t) => {
  const answered = `${identifier("a")}<ObjectType type="Enumeration" value="SymmetricKey"/>`;
  t.equal(play({ operation: "Activate", expected: identifier("a"), answered })?.expected, "nothing");
});

t.test("a missing field is a difference", async (t) => {
  t.equal(play({ operation: "Activate", expected: identifier("a"), answered: "" })?.actual, "nothing");
});

t.test("fields in another order are a difference", async (t) => {
  const type = `<ObjectType type="Enumeration" value="SymmetricKey"/>`;
  const expected = type + identifier("a");
  t.ok(play({ operation: "Create", expected, answered: identifier("a") + type }));
});

t.test("a placeholder keeps the value of its first appearance", async (t) => {
  const run = new RunState(() => now);
  const expected = identifier("$UNIQUE_IDENTIFIER_0");
  t.equal(play({ operation: "Activate", expected, answered: identifier("first") }, run), undefined);
  t.equal(play({ operation: "Activate", expected, answered: identifier("first") }, run), undefined);
  t.match(play({ operation: "Activate", expected, answered: identifier("other") }, run)?.expected, /first/);
});

t.test("two identifiers may not be the same", async (t) => {
  const run = new RunState(() => now);
  play({ operation: "Activate", expected: identifier("$UNIQUE_IDENTIFIER_0"), answered: identifier("same") }, run);
  const second = { operation: "Activate", expected: identifier("$UNIQUE_IDENTIFIER_1"), answered: identifier("same") };
  t.ok(play(second, run));
});

t.test("an empty value binds no placeholder", async (t) => {
  t.ok(play({ operation: "Activate", expected: identifier("$UNIQUE_IDENTIFIER_0"), answered: identifier("") }));
});

t.test("a time stamp far from now is a difference", async (t) => {
  const run = new RunState(() => now + 3600);
  t.match(
    play({ operation: "Activate", expected: identifier("a"), answered: identifier("a") }, run)?.path,
    /TimeStamp/,
  );
});

t.test("a recorded date of the server may be any moment of the run", async (t) => {
  const asked = names("Initial Date");
  const expected = attribute("Initial Date", "DateTime", "2012-04-27T08:14:28+00:00");
  const inRun = attribute("Initial Date", "DateTime", nowText);
  t.equal(play({ operation: "GetAttributes", asked, expected, answered: inRun }), undefined);
  const before = attribute("Initial Date", "DateTime", "2001-01-01T00:00:00+00:00");
  t.ok(play({ operation: "GetAttributes", asked, expected, answered: before }));
});

t.test("a date that the client set must come back unchanged", async (t) => {
  const run = new RunState(() => now);
  const given = attribute("Activation Date", "DateTime", "2012-04-27T08:14:28+00:00");
  play({ operation: "AddAttribute", asked: given, expected: "", answered: "" }, run);
  const answered = attribute("Activation Date", "DateTime", nowText);
  t.ok(play({ operation: "GetAttributes", asked: names("Activation Date"), expected: given, answered }, run));
});

t.test("$NOW with an offset is a moment of the run moved by the offset", async (t) => {
  const asked = names("Protect Stop Date");
  const expected = attribute("Protect Stop Date", "DateTime", "$NOW+600");
  const right = attribute("Protect Stop Date", "DateTime", "2023-11-14T22:23:20+00:00");
  t.equal(play({ operation: "GetAttributes", asked, expected, answered: right }), undefined);
  const wrong = attribute("Protect Stop Date", "DateTime", nowText);
  t.ok(play({ operation: "GetAttributes", asked, expected, answered: wrong }));
});

t.test("material the client registered must come back exactly", async (t) => {
  const answered = identifier("a") + key("00".repeat(16));
  t.ok(play({ operation: "Get", asked: identifier("a"), expected: identifier("a") + key("11".repeat(16)), answered }));
});

t.test("material the server generated may differ in value but not in length, and stays the same", async (t) => {
  const run = new RunState(() => now);
  const uid = identifier("$UNIQUE_IDENTIFIER_0");
  play({ operation: "Create", expected: uid, answered: identifier("a") }, run);
  const get = { operation: "Get", asked: identifier("a"), expected: uid + key("11".repeat(16)) };
  t.ok(play({ ...get, answered: identifier("a") + key("00".repeat(64)) }, run), "another length");
  t.equal(play({ ...get, answered: identifier("a") + key("22".repeat(16)) }, run), undefined);
  t.ok(play({ ...get, answered: identifier("a") + key("33".repeat(16)) }, run), "another value than before");
});

t.test("the lists of Query may hold more, but not less", async (t) => {
  const operations = (...list: readonly string[]): string =>
    list.map((name) => `<Operation type="Enumeration" value="${name}"/>`).join("");
  const expected = operations("Create", "Get");
  t.equal(play({ operation: "Query", expected, answered: operations("Get", "Destroy", "Create") }), undefined);
  t.ok(play({ operation: "Query", expected, answered: operations("Get", "Destroy") }));
});

t.test("Get Attribute List may answer in any order, but with the same names", async (t) => {
  const expected = names("State", "Name");
  t.equal(play({ operation: "GetAttributeList", expected, answered: names("Name", "State") }), undefined);
  t.ok(play({ operation: "GetAttributeList", expected, answered: names("Name", "State", "Fresh") }), "one more");
  t.ok(play({ operation: "GetAttributeList", expected, answered: names("Name") }), "one less");
});

t.test("attributes asked by name must come in the order of the case", async (t) => {
  const state = attribute("State", "Enumeration", "Active");
  const length = attribute("Cryptographic Length", "Integer", "128");
  const asked = names("State", "Cryptographic Length");
  t.ok(play({ operation: "GetAttributes", asked, expected: state + length, answered: length + state }));
  t.equal(play({ operation: "GetAttributes", expected: state + length, answered: length + state }), undefined);
});

t.test("an attribute of a list in any order is compared with the one of its name", async (t) => {
  const state = (value: string): string => attribute("State", "Enumeration", value);
  const length = attribute("Cryptographic Length", "Integer", "128");
  const exchange = { operation: "GetAttributes", expected: state("Active") + length };
  const difference = play({ ...exchange, answered: length + state("PreActive") });
  t.match(difference?.path, /Attribute\(State\)\/AttributeValue$/);
});

t.test("a server correlation value may be left out or added, a client's may not", async (t) => {
  const same = { operation: "Activate", expected: identifier("a"), answered: identifier("a") };
  const server = `<ServerCorrelationValue type="TextString" value="s"/>`;
  const client = `<ClientCorrelationValue type="TextString" value="c"/>`;
  t.equal(play({ ...same, answeredHeader: server }), undefined);
  t.equal(play({ ...same, expectedHeader: server }), undefined);
  t.ok(play({ ...same, answeredHeader: client }));
});

t.test("a placeholder first used in a request stands for the last value answered under its tag", async (t) => {
  const run = new RunState(() => now);
  const data = `<Data type="ByteString" value="0102"/>`;
  play({ operation: "Decrypt", expected: data, answered: data }, run);
  const [element] = parseXmlElements(data);
  t.equal(element?.name, "Data");
  t.equal(run.bindings.resolve("$DATA_0", itemFromXml(data).tag), "0102");
  t.equal(run.bindings.resolve("$SIGNATURE_DATA", 0x4200c3), undefined);
});
