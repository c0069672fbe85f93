import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { OperationTable } from "#protocol/enums/index.js";
import { type OperationPayloads, payloads } from "#protocol/payloads/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import {
  formatVersion,
  inSpan,
  type ProtocolVersion,
  supportedVersions,
  V1_0,
  V2_1,
  V3_0,
} from "#protocol/versions.js";
import { plain, strangersIn } from "#test/support/trees.js";
import { valuesOf } from "#test/support/values.js";

const runs = { numRuns: 25 };

function nameOf(row: OperationPayloads): string {
  return OperationTable.byValue.get(row.operation)?.name ?? String(row.operation);
}

/** The requests and responses a version has, with the name to call each by. */
function codecsOf(version: ProtocolVersion) {
  return payloads
    .filter((row) => inSpan(row, version))
    .flatMap((row) => [
      { name: `${nameOf(row)} request`, tag: Tag.RequestPayload, codec: row.request },
      { name: `${nameOf(row)} response`, tag: Tag.ResponsePayload, codec: row.response },
    ]);
}

t.test("every operation of the Operation enumeration has one row, in the version that brought it", (t) => {
  const rows = payloads.map(({ operation, since, until }) => ({ operation, since: since ?? 100, until }));
  const written = OperationTable.facts.filter(({ since }) => since < V3_0);
  t.same(
    rows,
    written.map(({ value, since, until }) => ({ operation: value, since, until })),
  );
  t.end();
});

for (const version of supportedVersions) {
  t.test(`what a payload holds in ${formatVersion(version)} is read as it was written`, (t) => {
    for (const { name, tag, codec } of codecsOf(version)) {
      const context = { version };
      const property = fc.property(valuesOf(codec, { version, everyField: false }), (value) => {
        deepStrictEqual(plain(codec.decode(codec.encode(tag, value, context), context)), plain(value));
      });
      t.doesNotThrow(() => fc.assert(property, runs), name);
    }
    t.end();
  });

  t.test(`nothing is written in ${formatVersion(version)} that this version does not define`, (t) => {
    for (const { name, tag, codec } of codecsOf(version)) {
      const property = fc.property(valuesOf(codec, { version, everyField: true }), (value) => {
        deepStrictEqual(strangersIn(codec.encode(tag, value, { version }), version), []);
      });
      t.doesNotThrow(() => fc.assert(property, runs), name);
    }
    t.end();
  });
}

t.test("fields are read in any order", (t) => {
  const context = { version: V2_1 };
  for (const { name, tag, codec } of codecsOf(V2_1)) {
    const property = fc.property(valuesOf(codec, { version: V2_1, everyField: false }), (value) => {
      deepStrictEqual(plain(codec.decode(reversed(codec.encode(tag, value, context)), context)), plain(value));
    });
    t.doesNotThrow(() => fc.assert(property, runs), name);
  }
  t.end();
});

t.test("a message of an older version may carry the fields of a newer one", (t) => {
  for (const { name, tag, codec } of codecsOf(V2_1)) {
    const property = fc.property(valuesOf(codec, { version: V2_1, everyField: false, knownTo: V1_0 }), (value) => {
      const item = codec.encode(tag, value, { version: V2_1 });
      deepStrictEqual(plain(codec.decode(item, { version: V1_0 })), plain(value));
    });
    t.doesNotThrow(() => fc.assert(property, runs), name);
  }
  t.end();
});

/** The same structure with its fields from last to first; fields that repeat keep their order among themselves. */
function reversed(item: Item): Item {
  if (item.type !== ItemType.Structure) return item;
  const tags = [...new Set(item.value.map(({ tag }) => tag))].reverse();
  return { ...item, value: tags.flatMap((tag) => item.value.filter((child) => child.tag === tag)) };
}
