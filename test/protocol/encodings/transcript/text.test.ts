import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import t from "tap";
import { TranscriptError } from "#protocol/encodings/transcript/error.js";
import { exactly, type TranscriptStep } from "#protocol/encodings/transcript/step.js";
import { headingText, readTranscript, stepText, transcriptText } from "#protocol/encodings/transcript/text.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { anyItem, structure } from "#test/support/items.js";

const sent = (item: Item): TranscriptStep => ({ kind: "send", connection: "1", message: exactly(item) });

/** The item after it was written into a transcript and read out of it. */
function thereAndBack(item: Item): Item | undefined {
  const [step] = readTranscript(headingText([]) + stepText(sent(item))).steps;
  return step?.kind === "send" ? step.message?.item : undefined;
}

t.test("whatever is written as a transcript is read back the same", async () => {
  fc.assert(
    fc.property(anyItem, (item) => isDeepStrictEqual(thereAndBack(item), item)),
    { numRuns: 1000 },
  );
});

const read = (...lines: string[]) => readTranscript(["transcript: 1", ...lines].join("\n"));

const message = (...lines: string[]) => {
  const [step] = read(">>", ...lines).steps;
  return step?.kind === "send" ? step.message : undefined;
};

t.test("values have the type that their tag or their form says, and any other type is written out", async (t) => {
  const item = structure(
    Tag.Attribute,
    { tag: Tag.AttributeName, type: ItemType.TextString, value: "x-count" },
    { tag: Tag.AttributeValue, type: ItemType.LongInteger, value: 7n },
    { tag: 0x540001, type: ItemType.Interval, value: 60 },
    { tag: Tag.UsageLimitsTotal, type: ItemType.LongInteger, value: 7n },
    { tag: Tag.UniqueIdentifier, type: ItemType.Enumeration, value: 1 },
    { tag: Tag.NameValue, type: ItemType.TextString, value: 'a "b"\n\u202e$any' },
    { tag: Tag.X, type: ItemType.BigInteger, value: -2n },
  );
  const text = stepText(sent(item));
  t.equal(
    text,
    [
      "",
      ">>",
      "  Attribute",
      '    AttributeName: "x-count"',
      "    AttributeValue (LongInteger): 7",
      "    0x540001 (Interval): 60",
      "    UsageLimitsTotal: 7",
      "    UniqueIdentifier: IDPlaceholder",
      '    NameValue: "a \\"b\\"\\n\\u202e$any"',
      "    X: 0xfffffffffffffffe",
      "",
    ].join("\n"),
  );
  t.strictSame(thereAndBack(item), item);
});

t.test("an attribute's value is read by the name beside it, also where the name stands below", async (t) => {
  const found = message(
    "  Attribute",
    "    AttributeValue: Encrypt|Decrypt",
    '    AttributeName: "Cryptographic Usage Mask"',
  );
  t.same(found?.children[0]?.item, { tag: Tag.AttributeValue, type: ItemType.Integer, value: 12 });
});

t.test("what stands in for a value is read and written", async (t) => {
  const lines = [
    "  ResponsePayload",
    "    UniqueIdentifier: $key",
    "    TimeStamp: $now-60",
    "    KeyMaterial: <redacted 32 bytes #3f2a91c0>",
    "    Password: <redacted text of 9 bytes #00ff>",
    "    Modulus: <redacted number of 256 bytes #00ff>",
    "    0x540001 (Integer): <redacted>",
    "    ServerInformation: $any",
    "    0x540002 (ByteString): $token",
  ];
  const found = message(...lines);
  t.same(
    found?.children.map(({ item, standIn }) => [item.type, standIn]),
    [
      [ItemType.TextString, { kind: "variable", name: "key" }],
      [ItemType.DateTime, { kind: "now", offset: -60 }],
      [ItemType.ByteString, { kind: "redacted", bytes: 32, digest: "3f2a91c0" }],
      [ItemType.TextString, { kind: "redacted", bytes: 9, digest: "00ff" }],
      [ItemType.BigInteger, { kind: "redacted", bytes: 256, digest: "00ff" }],
      [ItemType.Integer, { kind: "redacted", bytes: undefined, digest: undefined }],
      [ItemType.Structure, { kind: "any" }],
      [ItemType.ByteString, { kind: "variable", name: "token" }],
    ],
  );
  if (found === undefined) throw new Error("no message");
  t.equal(stepText({ kind: "send", connection: "1", message: found }), ["", ">>", ...lines, ""].join("\n"));
});

t.test("steps are written and read with all their words", async (t) => {
  const steps: readonly TranscriptStep[] = [
    { kind: "connect", connection: "2", client: "B", over: "xml", tls: "1.2", cipher: "AES128-SHA256" },
    { kind: "connect", connection: "1", withoutCertificate: true, resumed: true, plain: true, refused: true },
    { kind: "send", connection: "1", message: exactly(structure(Tag.RequestMessage)), piecesOf: 8, withNext: true },
    { kind: "send", connection: "2", unreadable: { bytes: 17, reason: "the item is incomplete" } },
    { kind: "receive", connection: "1", inOneRecord: true, maximumBytes: 4096 },
    { kind: "receive", connection: "1", message: exactly(structure(Tag.ResponseMessage)) },
    { kind: "wait", connection: "1", seconds: 3 },
    { kind: "end", connection: "1" },
    { kind: "closed", connection: "1" },
    { kind: "close", connection: "2" },
  ];
  const heading = [
    ["client", "vCenter 7.0.3"],
    ["KMIP profile", "vsphere"],
  ] as const;
  const found = readTranscript(transcriptText({ heading, steps }));
  t.same(found.heading, heading);
  t.same(
    found.steps.map(({ line, ...step }) => step),
    steps,
  );
});

/** What is said of a text that is refused. */
function refusalOf(...lines: string[]): string {
  try {
    read(...lines);
    return "accepted";
  } catch (error) {
    if (error instanceof TranscriptError) return error.message;
    throw error;
  }
}

t.test("what is no transcript is refused with the line at fault", async (t) => {
  t.match(refusalOf(">>"), /^line 2: a request has a message/);
  t.match(refusalOf("# why", "", "  Tag"), /^line 4: an item stands in no step/);
  t.match(refusalOf(">>", "  NoSuchTag"), /^line 3: .*tag/i);
  t.match(refusalOf(">>", "  RequestMessage", "      BatchCount: 1"), /^line 4: .*deeper/);
  t.match(refusalOf(">>", "  BatchCount: 1", "    BatchCount: 1"), /^line 4: .*has a value/);
  t.match(refusalOf(">>", "  BatchCount: 1", "  BatchCount: 1"), /^line 4: a step has one message/);
  t.match(refusalOf(">>", "   BatchCount: 1"), /^line 3: .*two spaces/);
  t.match(refusalOf(">>", "  BatchCount: 99999999999"), /^line 3: .*number/i);
  t.match(refusalOf(">>", "  Operation: Juggle"), /^line 3: .*Operation/);
  t.match(refusalOf(">>", '  NameValue: "open'), /^line 3: /);
  t.match(refusalOf(">>", "  Data: h'012'"), /^line 3: /);
  t.match(refusalOf(">>", "  BatchCount (Colour): 1"), /^line 3: .*type/);
  t.match(refusalOf(">>", "  BatchCount: $now"), /^line 3: .*date/);
  t.match(refusalOf(">>", "  RequestMessage (Structure): 1"), /^line 3: /);
  t.match(refusalOf("juggle"), /^line 2: expected one of connect/);
  t.match(refusalOf("toString"), /^line 2: expected one of connect/);
  t.match(refusalOf("connect tls 9"), /^line 2: words behind connect/);
  t.match(refusalOf("wait"), /^line 2: wait needs/);
  t.match(refusalOf("close", "  BatchCount: 1"), /^line 3: only what is sent/);
  t.throws(() => readTranscript("client: x"), /line 1: the first line must be "transcript: 1"/);
  t.throws(() => readTranscript(""), /line 1: the first line/);
});

t.test("an error never shows a value of the text", async (t) => {
  for (const line of ['  Password: "correct-horse', "  Data: h'correct-horse'", "  Operation: correct-horse"]) {
    t.notMatch(refusalOf(">>", line), "correct-horse");
  }
});

t.test("a text that is too deep, too long or has too many items or steps is refused", async (t) => {
  const nested = (depth: number) => Array.from({ length: depth }, (_, at) => `${"  ".repeat(at + 1)}RequestMessage`);
  t.equal(refusalOf(">>", ...nested(32)), "accepted");
  t.match(refusalOf(">>", ...nested(33)), /^line 35: .*too-deep/);
  t.match(refusalOf(">>", ...nested(5000)), /too-deep/);
  const wide = (items: number) => ["  RequestMessage", ...new Array<string>(items - 1).fill("    BatchItem")];
  t.equal(refusalOf(">>", ...wide(20_000)), "accepted");
  t.match(refusalOf(">>", ...wide(20_001)), /too-many-items/);
  const limits = { maximumBytes: 100, maximumSteps: 2, maximumLineLength: 50, message: {} };
  t.throws(() => readTranscript("x".repeat(101), limits), /line 1: a transcript may have 100 bytes/);
  t.throws(() => readTranscript("transcript: 1\nclose\nclose\nclose\n", limits), /line 4: .* 2 steps/);
  t.throws(() => readTranscript(`transcript: 1\n>>\n  NameValue: "${"x".repeat(60)}"`, limits), /line 3: a line/);
  t.match(refusalOf(">>", `  X: ${"9".repeat(1_000_000)}`), /^line 3: /);
});

const fragments = fc.constantFrom(
  ..."transcript: 1|\n|>>|<<|  |    |RequestMessage|BatchCount: 1|: |(Integer)|$any|$now|<redacted 3 bytes|h'00'|0x|\"".split(
    "|",
  ),
  "Operation: Get|Locate",
);

t.test("random text is read or refused with a TranscriptError, never otherwise", async () => {
  const text = fc
    .array(fc.oneof(fragments, fc.string({ maxLength: 6 })), { maxLength: 14 })
    .map((parts) => `transcript: 1\n>>\n${parts.join("")}`);
  const readsOrRefuses = (input: string): boolean => {
    try {
      readTranscript(input);
      return true;
    } catch (error) {
      return error instanceof TranscriptError;
    }
  };
  fc.assert(fc.property(text, readsOrRefuses), { numRuns: 5000 });
});
