import { randomUUID } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  AdjustmentType,
  DerivationMethod,
  ObjectType,
  ResultReason,
  ResultStatus,
  RevocationReasonCode,
} from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { inSpan, V1_2, V1_4, V2_1 } from "#protocol/versions.js";
import { operations } from "#src/operations/index.js";
import { actionsOf, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { named, requestMessageItem, structureItem } from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
await server.administration.createTenant("other");
const identity = readIdentity(await server.administration.issueClient("other", "stranger"));
const owner = await connectTo(server);
const stranger = await connectTo(server, { identity });
t.teardown(async () => {
  await owner.close();
  await stranger.close();
  await server.stop();
});

/** Fields that requests need beside the identifier before the object is looked for. */
const otherFields: Readonly<Record<string, object>> = {
  Revoke: { revocationReason: { revocationReasonCode: RevocationReasonCode.KeyCompromise } },
  "Add Attribute": { newAttribute: instance(attributes.contactInformation, "x") },
  "Modify Attribute": { newAttribute: instance(attributes.contactInformation, "x") },
  "Set Attribute": { newAttribute: instance(attributes.contactInformation, "x") },
  "Delete Attribute": { attributeName: "Contact Information" },
  "Get Attributes": { attributeNames: [] },
  "Re-key": { attributes: { attributes: [], templates: [] } },
  "Re-key Key Pair": {
    commonAttributes: requested(),
    privateKeyAttributes: requested(),
    publicKeyAttributes: requested(),
  },
  "Derive Key": {
    objectType: ObjectType.SymmetricKey,
    derivationMethod: DerivationMethod.HASH,
    derivationParameters: { derivationData: [] },
    attributes: requested(),
  },
  "Adjust Attribute": { attributeName: "Cryptographic Length", adjustmentType: AdjustmentType.Negate },
  "Get Usage Allocation": { usageLimitsCount: 1n },
  "Join Split Key": { objectType: ObjectType.SymmetricKey, attributes: requested() },
  "Re-certify": { attributes: requested() },
  Encrypt: { data: Buffer.alloc(16) },
  Decrypt: { data: Buffer.alloc(16) },
  Sign: { data: Buffer.alloc(16) },
  "Signature Verify": { data: Buffer.alloc(16), signatureData: Buffer.alloc(16) },
  MAC: { data: Buffer.alloc(16) },
  "MAC Verify": { data: Buffer.alloc(16), macData: Buffer.alloc(16) },
};

/** The fields by which operations name their object. */
function naming(identifier: string): object {
  const naming = named(identifier);
  return { uniqueIdentifier: naming, privateKeyUniqueIdentifier: naming, uniqueIdentifiers: [naming] };
}

const targeted = operations.filter(({ target }) => target !== undefined);

/** An answer without what differs from moment to moment. */
function timeless(item: Item): Item {
  if (item.type !== ItemType.Structure) return item;
  return structureItem(item.tag, ...item.value.filter(({ tag }) => tag !== Tag.TimeStamp).map(timeless));
}

t.test("every operation on another tenant's object answers, byte for byte, as if it never was", async (t) => {
  const { create, value } = actionsOf(owner, V2_1);
  const foreign = await create(nameOf(randomUUID()));
  const before = await value(foreign, attributes.lastChangeDate);
  t.ok(targeted.length > 15);
  for (const version of [V1_2, V1_4, V2_1]) {
    for (const operation of targeted.filter(({ versions }) => inSpan(versions, version))) {
      const answers = [];
      for (const identifier of [foreign, randomUUID()]) {
        const payload = { ...naming(identifier), ...otherFields[operation.name] };
        const message = requestMessageItem(version, [{ operation: operation.code, payload }]);
        answers.push(timeless(decodeItem(await stranger.exchange(encodeItem(message)))));
      }
      const [ofForeign, ofMissing] = answers.map((answer) => encodeItem(answer).toString("hex"));
      t.equal(ofForeign, ofMissing, `${operation.name} in ${version}`);
    }
  }
  t.equal(await value(foreign, attributes.lastChangeDate), before);
});

t.test("every operation on a missing object says that it is missing", async (t) => {
  for (const operation of targeted.filter(({ versions }) => inSpan(versions, V2_1))) {
    const payload = { ...naming(randomUUID()), ...otherFields[operation.name] };
    const answer = decodeItem(
      await owner.exchange(encodeItem(requestMessageItem(V2_1, [{ operation: operation.code, payload }]))),
    );
    const reasons = itemsOf(answer).filter(({ tag }) => tag === Tag.ResultReason);
    t.strictSame(
      reasons.map(({ value }) => value),
      [ResultReason[operation.twoXReasons?.ObjectNotFound ?? "ObjectNotFound"]],
      operation.name,
    );
  }
});

function itemsOf(item: Item): readonly Item[] {
  return item.type === ItemType.Structure ? [item, ...item.value.flatMap(itemsOf)] : [item];
}

t.test("Locate finds no object of another tenant, by whatever filter", async (t) => {
  const name = randomUUID();
  const { create, locate } = actionsOf(owner, V1_4);
  const id = await create(nameOf(name));
  t.strictSame(await locate(nameOf(name)), [id]);
  const theirs = actionsOf(stranger, V1_4);
  t.strictSame(await theirs.locate(nameOf(name)), []);
  t.strictSame(await theirs.locate(instance(attributes.uniqueIdentifier, id)), []);
  t.notOk((await theirs.locate()).includes(id));
});

t.test("two tenants may use one name", async (t) => {
  const name = nameOf(randomUUID());
  const [mine, theirs] = [actionsOf(owner, V2_1), actionsOf(stranger, V2_1)];
  t.not(await mine.create(name), await theirs.create(name));
});

t.test("a suspended tenant's open connections are cut or refused, and served again once it is resumed", async (t) => {
  await server.administration.suspendTenant("other");
  const message = encodeItem(requestMessageItem(V1_4, [{ operation: 0x18, payload: { queryFunctions: [1] } }]));
  const outcome = await stranger.exchange(message).then(
    (answer) => itemsOf(decodeItem(answer)).find(({ tag }) => tag === Tag.ResultStatus)?.value,
    () => "cut",
  );
  t.ok(outcome === "cut" || outcome === ResultStatus.OperationFailed);
  await server.administration.resumeTenant("other");
  const again = await connectTo(server, { identity });
  t.ok(await actionsOf(again, V1_4).create());
  await again.close();
});

t.test("a revoked client's connection is cut and it does not come back", async (t) => {
  const folder = await server.administration.issueClient("other", "leaver");
  const leaver = await connectTo(server, { identity: readIdentity(folder) });
  t.ok(await actionsOf(leaver, V1_4).create());
  await server.administration.revokeClient("other", "leaver");
  await t.rejects(actionsOf(leaver, V1_4).create());
  t.ok(await leaver.closedWithin(5000));
});
