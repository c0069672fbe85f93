import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CryptographicAlgorithm,
  KeyFormatType,
  LinkType,
  ObjectType,
  Operation,
  ResultReason,
  SecretDataType,
} from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { ask, askFor } from "#test/support/kmip-client-messages.js";
import { connectTo, startedHome, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);
const home = startedHome();
const configuration = join(home, "keyreeve.yaml");
writeFileSync(configuration, "rotation:\n  everySeconds: 1\n");
let server = await startTestServer({ home });
let client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const actions = (of: KmipClient = client) => actionsOf(of, V2_1);
const automatic = instance(attributes.rotateAutomatic, true);
const everySecond = [automatic, instance(attributes.rotateInterval, 1)];

/** The object that one was replaced by, or undefined. */
async function replacementOf(id: string): Promise<string | undefined> {
  const links = await actions().values(id, attributes.link);
  const named = links.find(({ linkType }) => linkType === LinkType.ReplacementObjectLink)?.linkedObjectIdentifier;
  return named?.kind === "identifier" ? named.identifier : undefined;
}

/** Waits until an object has been replaced. */
async function rotated(id: string): Promise<string> {
  for (;;) {
    const replacement = await replacementOf(id);
    if (replacement !== undefined) return replacement;
    await pause(100);
  }
}

interface AuditLine {
  readonly clientName: string;
  readonly operation: string;
  readonly objectId: string;
  readonly outcome: string;
  readonly resultReason: string | null;
}

async function rotationsOf(id: string): Promise<readonly AuditLine[]> {
  const lines = (await server.administration.exportAudit()).trim().split("\n");
  const all = lines.map((line) => JSON.parse(line) as AuditLine);
  return all.filter(({ objectId, clientName }) => objectId === id && clientName === "(rotation)");
}

interface Pair {
  readonly privateKeyUniqueIdentifier: string;
  readonly publicKeyUniqueIdentifier: string;
}

interface PairAttributes {
  readonly common?: readonly AttributeInstance[];
  readonly ofPrivate?: readonly AttributeInstance[];
  readonly ofPublic?: readonly AttributeInstance[];
}

function newPair({ common = [], ofPrivate = [], ofPublic = [] }: PairAttributes): Promise<Pair> {
  const ec = instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.ECDSA);
  return askFor<Pair>(client, V2_1, Operation.CreateKeyPair, {
    commonAttributes: requested(ec, instance(attributes.cryptographicLength, 256), ...common),
    privateKeyAttributes: requested(...ofPrivate),
    publicKeyAttributes: requested(...ofPublic),
  });
}

t.test("a key is replaced again and again, and its name and settings go with it", async (t) => {
  const rotateName = { rotateNameValue: "rotating", rotateNameType: 1 };
  const first = await actions().create(
    ...everySecond,
    nameOf("rotating key"),
    instance(attributes.rotateName, rotateName),
    instance(attributes.rotateOffset, 3600),
  );
  const second = await rotated(first);
  const third = await rotated(second);
  const { value, locate } = actions();
  t.equal(await value(first, attributes.rotateLatest), false);
  t.ok(await value(first, attributes.rotateDate));
  t.same(await Promise.all([second, third].map((id) => value(id, attributes.rotateGeneration))), [1, 2]);
  t.equal(await value(first, attributes.name), undefined);
  const holders = await locate(nameOf("rotating key"));
  t.equal(holders.length, 1);
  t.notOk([first, second].includes(holders[0] ?? ""));
  t.match(await value(second, attributes.rotateName), rotateName);
  t.equal(await value(second, attributes.rotateAutomatic), true);
  t.equal(await value(second, attributes.rotateInterval), 1);
  const activation = (await value(second, attributes.activationDate)) ?? 0;
  t.equal(activation - ((await value(second, attributes.initialDate)) ?? 0), 3600);
  t.match(await rotationsOf(second), [{ operation: "Re-key", outcome: "success" }]);
});

t.test("a key pair is replaced as a whole, whichever half asks for it", async (t) => {
  const settings = { common: everySecond, ofPublic: everySecond, ofPrivate: everySecond };
  for (const where of ["common", "ofPrivate", "ofPublic"] as const) {
    const pair = await newPair({ [where]: settings[where] });
    const [privateKey, publicKey] = await Promise.all([
      rotated(pair.privateKeyUniqueIdentifier),
      rotated(pair.publicKeyUniqueIdentifier),
    ]);
    t.equal(await actions().value(privateKey, attributes.rotateGeneration), 1, where);
    t.equal(await actions().value(publicKey, attributes.rotateGeneration), 1, where);
    t.match(await rotationsOf(privateKey), [{ operation: "Re-key Key Pair", outcome: "success" }], where);
  }
});

t.test("a certificate is renewed", async (t) => {
  const { publicKeyUniqueIdentifier: uniqueIdentifier } = await newPair({});
  const naming = { kind: "identifier", identifier: uniqueIdentifier };
  const { uniqueIdentifier: certificate } = await askFor<{ uniqueIdentifier: string }>(
    client,
    V2_1,
    Operation.Certify,
    { uniqueIdentifier: naming, attributes: requested(...everySecond) },
  );
  const renewed = await rotated(certificate);
  t.match(await rotationsOf(renewed), [{ operation: "Re-certify", outcome: "success" }]);
});

t.test("what is revoked, archived, destroyed or not asked for is left alone", async (t) => {
  const { create, activate, revoke, destroy, act } = actions();
  const interval = instance(attributes.rotateInterval, 1);
  const revoked = await create(automatic);
  const archived = await create(automatic);
  const destroyed = await create(automatic);
  const [unasked, refused] = [await create(interval), await create(instance(attributes.rotateAutomatic, false))];
  await activate(revoked);
  await revoke(revoked);
  await act(Operation.Archive, archived);
  await destroy(destroyed);
  await act(Operation.SetAttribute, revoked, { newAttribute: interval });
  await act(Operation.SetAttribute, refused, { newAttribute: interval });
  await rotated(await rotated(await create(...everySecond)));
  const left = [revoked, unasked, refused];
  t.same(await Promise.all(left.map(replacementOf)), [undefined, undefined, undefined]);
  await act(Operation.Recover, archived);
  await act(Operation.SetAttribute, archived, { newAttribute: interval });
  t.ok(await rotated(archived), "recovered, it is replaced");
});

t.test("a rotation that fails is in the audit, and is not tried again at once", async (t) => {
  const { publicKeyUniqueIdentifier, privateKeyUniqueIdentifier: id } = await newPair({ ofPrivate: [automatic] });
  const { act, create } = actions();
  await act(Operation.DeleteAttribute, id, { attributeName: attributes.link.name });
  await act(Operation.SetAttribute, id, { newAttribute: instance(attributes.rotateInterval, 1) });
  await rotated(await rotated(await create(...everySecond)));
  t.equal(await replacementOf(publicKeyUniqueIdentifier), undefined);
  const failure = { operation: "Re-key Key Pair", outcome: "failure", resultReason: "PermissionDenied" };
  t.match(await rotationsOf(id), [failure]);
  t.equal((await rotationsOf(id)).length, 1);
});

t.test("objects that no operation replaces cannot be set to be rotated, nor any without a pause", async (t) => {
  const secret = {
    objectType: ObjectType.SecretData,
    attributes: requested(automatic),
    secretData: {
      secretDataType: SecretDataType.Password,
      keyBlock: { keyFormatType: KeyFormatType.Opaque, keyValue: { keyMaterial: Buffer.from("a password") } },
    },
  };
  const reasonOf = async (operation: number, payload: unknown) =>
    (await ask(client, V2_1, { operation, payload })).reason;
  t.equal(await reasonOf(Operation.Register, secret), ResultReason.FeatureNotSupported);
  const key = { objectType: ObjectType.SymmetricKey, attributes: requested(instance(attributes.rotateInterval, 0)) };
  t.equal(await reasonOf(Operation.Create, key), ResultReason.InvalidAttributeValue);
});

t.test("what became due while the server was down is replaced when it starts", async (t) => {
  const id = await actions().create(automatic, instance(attributes.rotateInterval, 2));
  await server.kill();
  await client.close();
  await pause(2000);
  writeFileSync(configuration, "rotation:\n  everySeconds: 86400\n");
  server = await startTestServer({ home });
  client = await connectTo(server);
  const replacement = await rotated(id);
  t.match(await rotationsOf(replacement), [{ operation: "Re-key", outcome: "success" }]);
});
