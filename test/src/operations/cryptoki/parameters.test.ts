import fc from "fast-check";
import { test } from "tap";
import { KmipError } from "#src/objects/kmip-error.js";
import { attributeRows } from "#src/operations/cryptoki/attribute-types.js";
import { mechanismRows, readMechanism } from "#src/operations/cryptoki/mechanisms.js";
import { Refusal } from "#src/operations/cryptoki/outcome.js";
import { ParameterReader, ParameterWriter } from "#src/operations/cryptoki/parameters.js";
import { derSignature, rawSignature } from "#src/operations/cryptoki/signature-forms.js";
import { readQueries, readTemplate, writeAttribute } from "#src/operations/cryptoki/templates.js";
import { writeTemplate } from "#test/support/cryptoki.js";

test("an attribute that is asked for has a type, no value, and the length of what has one", async (t) => {
  const checkValue = "0000000000000090" + "00" + "01" + "00000010";
  const sensitive = "0000000000000103" + "00" + "01";
  const input = new ParameterReader(Buffer.from(`00000002${sensitive}${checkValue}`, "hex"));
  t.strictSame(readQueries(input), [
    { type: 0x103, room: 1 },
    { type: 0x90, room: 16 },
  ]);
});

test("a mechanism has the length of all its parameters before the length of its vector", async (t) => {
  const bytes = "0000000000000136" + "01" + "0000000c" + "00000008" + "0102030405060708";
  const mechanism = readMechanism(new ParameterReader(Buffer.from(bytes, "hex")), "encrypt");
  t.strictSame(mechanism.iv, Buffer.from("0102030405060708", "hex"));
  t.equal(mechanism.type, 0x136);
});

test("GCM and counter parameters are read with numbers of four bytes and of eight", async (t) => {
  const iv = Buffer.alloc(12, 1);
  const additionalData = Buffer.from("header");
  for (const wide of [true, false]) {
    const gcm = new ParameterWriter().counted(iv);
    if (wide) gcm.ulong(96).counted(additionalData).ulong(128);
    else gcm.length(96).counted(additionalData).length(128);
    const counter = new ParameterWriter();
    if (wide) counter.ulong(32);
    else counter.length(32);
    const read = (type: number, parameters: Buffer) =>
      readMechanism(
        new ParameterReader(new ParameterWriter().ulong(type).boolean(true).counted(parameters).done()),
        "encrypt",
      );
    t.match(read(0x1087, gcm.done()), { iv, additionalData, tagLength: 16 });
    t.match(read(0x1086, counter.bytes(Buffer.alloc(16)).done()), { parameters: { counterLength: 32 } });
  }
});

test("every mechanism refuses every other use than its own", async (t) => {
  for (const [type, { uses }] of mechanismRows) {
    const input = new ParameterReader(new ParameterWriter().ulong(type).boolean(false).done());
    if (!uses.includes("digest")) {
      t.throws(() => readMechanism(input, "digest"), new Refusal("MECHANISM_INVALID"));
    }
  }
});

test("templates come back as they were written", async (t) => {
  const value = fc.oneof(
    fc.record({ LABEL: fc.string({ unit: "binary" }), ID: fc.uint8Array(), ENCRYPT: fc.boolean() }),
    fc.record({ VALUE_LEN: fc.nat(), VALUE: fc.uint8Array() }),
  );
  fc.assert(
    fc.property(value, (record) => {
      const entries = Object.entries(record).map(([name, each]) => [
        name,
        each instanceof Uint8Array ? Buffer.from(each) : each,
      ]);
      const template = readTemplate(
        new ParameterReader(writeTemplate(new ParameterWriter(), Object.fromEntries(entries)).done()),
      );
      for (const [name, each] of entries) {
        const [type] = attributeRows[name as keyof typeof attributeRows];
        t.strictSame(template.all.get(type), each);
      }
    }),
    { numRuns: 50 },
  );
});

test("no bytes are read as anything but a template, a codec error or a refusal", async () => {
  const counted = fc.tuple(fc.nat({ max: 4 }), fc.uint8Array({ maxLength: 80 })).map(([count, rest]) => {
    return Buffer.concat([new ParameterWriter().length(count).done(), rest]);
  });
  fc.assert(
    fc.property(fc.oneof(counted, fc.uint8Array({ maxLength: 80 }).map(Buffer.from)), (bytes) => {
      try {
        readTemplate(new ParameterReader(Buffer.from(bytes)));
      } catch (error) {
        return error instanceof Refusal || (error instanceof KmipError && error.reason === "PKCS_11CodecError");
      }
      return true;
    }),
    { numRuns: 2000 },
  );
});

test("an attribute is told with its value, with its length, or not at all", async (t) => {
  const written = (value: Buffer | boolean | undefined, withValue: boolean, type: number) => {
    const output = new ParameterWriter();
    writeAttribute(output, type, value, withValue);
    return output.done().subarray(8).toString("hex");
  };
  t.equal(written(Buffer.from("abcd", "hex"), true, 0x11), "010100000002abcd");
  t.equal(written(Buffer.from("abcd", "hex"), false, 0x11), "000100000002");
  t.equal(written(undefined, false, 0x11), "0000");
  t.equal(written(true, true, 0x103), "010101");
  t.equal(written(true, false, 0x103), "0001");
});

test("ECDSA signatures go from DER to r and s and back", async () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (array) => {
      const raw = Buffer.from(array);
      return rawSignature(derSignature(Buffer.from(raw), 32), 32).equals(raw);
    }),
  );
});
