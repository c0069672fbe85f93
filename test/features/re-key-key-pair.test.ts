import { createPrivateKey, createPublicKey } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CryptographicAlgorithm,
  CryptographicUsageMask,
  KeyFormatType,
  LinkType,
  Operation,
  ProtectionStorageMask,
  ResultReason,
  State,
  UniqueIdentifier,
} from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type ProtocolVersion, supportedVersions, V1_0, V1_1, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { ask, askAll, askFor, named, structureItem } from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

interface Pair {
  readonly privateKeyUniqueIdentifier: string;
  readonly publicKeyUniqueIdentifier: string;
}

const ec = [
  instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.ECDSA),
  instance(attributes.cryptographicLength, 256),
];
const rsa = [
  instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.RSA),
  instance(attributes.cryptographicLength, 2048),
];

function pairOf(
  common: readonly AttributeInstance[],
  own: { readonly ofPrivate?: readonly AttributeInstance[]; readonly ofPublic?: readonly AttributeInstance[] } = {},
): unknown {
  return {
    commonAttributes: requested(...common),
    privateKeyAttributes: requested(
      instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Sign),
      ...(own.ofPrivate ?? []),
    ),
    publicKeyAttributes: requested(
      instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify),
      ...(own.ofPublic ?? []),
    ),
  };
}

function makePair(version: ProtocolVersion, payload: unknown): Promise<Pair> {
  return askFor<Pair>(client, version, Operation.CreateKeyPair, payload);
}

const nothing = { commonAttributes: requested(), privateKeyAttributes: requested(), publicKeyAttributes: requested() };

function reKeyOf(old: Pair, more: object = {}): unknown {
  return { privateKeyUniqueIdentifier: named(old.privateKeyUniqueIdentifier), ...nothing, ...more };
}

async function linkTo(version: ProtocolVersion, id: string, type: number): Promise<string | undefined> {
  const links = await actionsOf(client, version).values(id, attributes.link);
  const linked = links.find(({ linkType }) => linkType === type)?.linkedObjectIdentifier;
  return linked?.kind === "identifier" ? linked.identifier : undefined;
}

t.test(
  "in every version that has it, a new pair takes the names and is linked to the old one, half for half",
  async (t) => {
    for (const version of supportedVersions.filter((each) => each >= V1_1)) {
      const { values, locate } = actionsOf(client, version);
      const names = [`private ${version}`, `public ${version}`] as const;
      const own = { ofPrivate: [nameOf(names[0])], ofPublic: [nameOf(names[1])] };
      const old = await makePair(version, pairOf(ec, own));
      const made = await askFor<Pair>(client, version, Operation.ReKeyKeyPair, reKeyOf(old));
      const halves = [
        [old.privateKeyUniqueIdentifier, made.privateKeyUniqueIdentifier, names[0]],
        [old.publicKeyUniqueIdentifier, made.publicKeyUniqueIdentifier, names[1]],
      ] as const;
      for (const [before, after, name] of halves) {
        t.not(before, after);
        t.same(await locate(nameOf(name)), [after], "the name has moved");
        t.same(await values(before, attributes.name), []);
        t.equal(await linkTo(version, before, LinkType.ReplacementObjectLink), after);
        t.equal(await linkTo(version, after, LinkType.ReplacedObjectLink), before);
      }
      t.equal(
        await linkTo(version, made.privateKeyUniqueIdentifier, LinkType.PublicKeyLink),
        made.publicKeyUniqueIdentifier,
      );
      t.equal(
        await linkTo(version, made.publicKeyUniqueIdentifier, LinkType.PrivateKeyLink),
        made.privateKeyUniqueIdentifier,
      );
    }
  },
);

t.test("version 1.0 does not know the operation", async (t) => {
  const payload = structureItem(Tag.RequestPayload);
  const answer = await ask(client, V1_0, { operation: Operation.ReKeyKeyPair, payload });
  t.equal(answer.reason, ResultReason.OperationNotSupported);
});

t.test("an RSA pair is replaced by another one whose halves belong together", async (t) => {
  const { act } = actionsOf(client, V2_1);
  const old = await makePair(V2_1, pairOf(rsa));
  const made = await askFor<Pair>(client, V2_1, Operation.ReKeyKeyPair, reKeyOf(old));
  const material = async (id: string, keyFormatType: number): Promise<Buffer> => {
    const given = await act<Record<string, { keyBlock: { keyValue: { keyMaterial: Buffer } } }>>(Operation.Get, id, {
      keyFormatType,
    });
    const key = given["privateKey"] ?? given["publicKey"];
    if (key === undefined) throw new TypeError("no key was given");
    return key.keyBlock.keyValue.keyMaterial;
  };
  const spki = async ({ publicKeyUniqueIdentifier }: Pair): Promise<Buffer> =>
    createPublicKey({
      key: await material(publicKeyUniqueIdentifier, KeyFormatType.X_509),
      format: "der",
      type: "spki",
    }).export({ format: "der", type: "spki" });
  const pkcs8 = await material(made.privateKeyUniqueIdentifier, KeyFormatType.PKCS_8);
  const derived = createPublicKey(createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }));
  t.same(derived.export({ format: "der", type: "spki" }), await spki(made));
  t.notSame(await spki(made), await spki(old));
});

t.test(
  "attributes of the old pair stay, those of a half stand above the common ones and those above the old ones",
  async (t) => {
    const { value } = actionsOf(client, V2_1);
    const old = await makePair(
      V2_1,
      pairOf([...ec, instance(attributes.contactInformation, "old"), instance(attributes.description, "kept")]),
    );
    const made = await askFor<Pair>(
      client,
      V2_1,
      Operation.ReKeyKeyPair,
      reKeyOf(old, {
        commonAttributes: requested(instance(attributes.contactInformation, "common")),
        publicKeyAttributes: requested(instance(attributes.contactInformation, "public")),
      }),
    );
    t.equal(await value(made.privateKeyUniqueIdentifier, attributes.contactInformation), "common");
    t.equal(await value(made.publicKeyUniqueIdentifier, attributes.contactInformation), "public");
    t.equal(await value(made.publicKeyUniqueIdentifier, attributes.description), "kept");
    t.equal(
      await value(made.privateKeyUniqueIdentifier, attributes.cryptographicUsageMask),
      CryptographicUsageMask.Sign,
    );
  },
);

t.test("without an offset the dates are copied, with one they move with the activation", async (t) => {
  const { value } = actionsOf(client, V1_4);
  const dates = [
    instance(attributes.activationDate, 1_600_000_000),
    instance(attributes.deactivationDate, 4_000_000_000),
  ];
  const old = await makePair(V1_4, pairOf([...ec, ...dates]));
  const copied = await askFor<Pair>(client, V1_4, Operation.ReKeyKeyPair, reKeyOf(old));
  t.equal(await value(copied.publicKeyUniqueIdentifier, attributes.activationDate), 1_600_000_000);
  t.equal(await value(copied.publicKeyUniqueIdentifier, attributes.deactivationDate), 4_000_000_000);
  t.equal(await value(copied.publicKeyUniqueIdentifier, attributes.state), State.Active);
  const moved = await askFor<Pair>(client, V1_4, Operation.ReKeyKeyPair, reKeyOf(copied, { offset: 1000 }));
  const initial = await value(moved.privateKeyUniqueIdentifier, attributes.initialDate);
  const activation = await value(moved.privateKeyUniqueIdentifier, attributes.activationDate);
  t.equal(activation, (initial ?? 0) + 1000);
  t.equal(
    await value(moved.privateKeyUniqueIdentifier, attributes.deactivationDate),
    4_000_000_000 + (activation ?? 0) - 1_600_000_000,
  );
  t.equal(await value(moved.privateKeyUniqueIdentifier, attributes.state), State.PreActive);
});

t.test("an offset beside dates, or for a pair without an Activation Date, is refused", async (t) => {
  const old = await makePair(V2_1, pairOf([...ec, instance(attributes.deactivationDate, 4_000_000_000)]));
  const refused = async (version: ProtocolVersion, more: object): Promise<number | undefined> =>
    (await ask(client, version, { operation: Operation.ReKeyKeyPair, payload: reKeyOf(old, more) })).reason;
  const dated = requested(instance(attributes.activationDate, 1));
  for (const version of [V1_4, V2_1]) {
    t.equal(await refused(version, { offset: 5, commonAttributes: dated }), ResultReason.InvalidMessage);
  }
  t.equal(await refused(V1_4, { offset: 5 }), ResultReason.IllegalOperation);
  t.equal(await refused(V2_1, { offset: 5 }), ResultReason.PermissionDenied);
});

t.test("what is no private key, has no public half, or is not there is refused", async (t) => {
  const { create } = actionsOf(client, V2_1);
  const reason = async (id: string, version: ProtocolVersion): Promise<number | undefined> => {
    const payload = { privateKeyUniqueIdentifier: named(id), ...nothing };
    return (await ask(client, version, { operation: Operation.ReKeyKeyPair, payload })).reason;
  };
  t.equal(await reason(await create(), V2_1), ResultReason.InvalidObjectType);
  const pair = await makePair(V2_1, pairOf(ec));
  t.equal(await reason(pair.publicKeyUniqueIdentifier, V2_1), ResultReason.InvalidObjectType);
  t.equal(await reason(pair.publicKeyUniqueIdentifier, V1_4), ResultReason.PermissionDenied);
  t.equal(await reason("no such key", V2_1), ResultReason.ObjectNotFound);
  t.equal(await reason("no such key", V1_4), ResultReason.ItemNotFound);
  await actionsOf(client, V2_1).act(Operation.DeleteAttribute, pair.privateKeyUniqueIdentifier, {
    attributeName: attributes.link.name,
  });
  t.equal(await reason(pair.privateKeyUniqueIdentifier, V2_1), ResultReason.PermissionDenied);
});

t.test("a replacement has the algorithm and the length of the old pair", async (t) => {
  const old = await makePair(V2_1, pairOf(ec));
  const payload = reKeyOf(old, { commonAttributes: requested(instance(attributes.cryptographicLength, 384)) });
  const answer = await ask(client, V2_1, { operation: Operation.ReKeyKeyPair, payload });
  t.equal(answer.reason, ResultReason.InvalidField);
});

t.test("a pair whose private key is in the token is replaced by one whose private key is there too", async (t) => {
  const { value } = actionsOf(client, V2_1);
  const old = await makePair(V2_1, pairOf(ec, { ofPrivate: [instance(attributes.protectionLevel, 1)] }));
  const made = await askFor<Pair>(client, V2_1, Operation.ReKeyKeyPair, reKeyOf(old));
  t.equal(
    await value(made.privateKeyUniqueIdentifier, attributes.protectionStorageMask),
    ProtectionStorageMask.Hardware,
  );
});

t.test("a pair that is replaced again is linked to its newest replacement alone", async (t) => {
  const old = await makePair(V2_1, pairOf(ec));
  await askFor<Pair>(client, V2_1, Operation.ReKeyKeyPair, reKeyOf(old));
  const made = await askFor<Pair>(client, V2_1, Operation.ReKeyKeyPair, reKeyOf(old));
  const links = await actionsOf(client, V2_1).values(old.privateKeyUniqueIdentifier, attributes.link);
  const replacements = links.filter(({ linkType }) => linkType === LinkType.ReplacementObjectLink);
  t.same(
    replacements.map(({ linkedObjectIdentifier }) => linkedObjectIdentifier),
    [named(made.privateKeyUniqueIdentifier)],
  );
});

t.test(
  "storage masks that a half cannot have are refused, half by half, when pairs are made and replaced",
  async (t) => {
    const old = await makePair(V2_1, pairOf(ec));
    const only = (mask: number) => ({ protectionStorageMask: [mask] });
    const impossible = only(ProtectionStorageMask.OnProcessor);
    const reasons = [
      [{ privateProtectionStorageMasks: impossible }, ResultReason.PrivateProtectionStorageUnavailable],
      [{ commonProtectionStorageMasks: impossible }, ResultReason.PrivateProtectionStorageUnavailable],
      [
        { publicProtectionStorageMasks: only(ProtectionStorageMask.Hardware) },
        ResultReason.PublicProtectionStorageUnavailable,
      ],
    ] as const;
    for (const version of [V2_0, V2_1]) {
      for (const [masks, reason] of reasons) {
        const requests = [
          { operation: Operation.CreateKeyPair, payload: { ...(pairOf(ec) as object), ...masks } },
          { operation: Operation.ReKeyKeyPair, payload: reKeyOf(old, masks) },
        ];
        for (const each of requests) t.equal((await ask(client, version, each)).reason, reason);
      }
    }
  },
);

t.test("a batch names the new private key by the placeholder, and each half by its own value", async (t) => {
  const old = await makePair(V2_0, pairOf(ec));
  const { privateKeyUniqueIdentifier: _, ...unnamed } = reKeyOf(old) as { privateKeyUniqueIdentifier: unknown };
  const read = (operation?: number) => ({
    operation: Operation.GetAttributes,
    payload: {
      ...(operation === undefined ? {} : { uniqueIdentifier: { kind: "placeholder", operation } }),
      attributeNames: [attributes.objectType.name],
    },
  });
  const answers = await askAll(client, V2_0, [
    { operation: Operation.CreateKeyPair, payload: pairOf(ec) },
    { operation: Operation.ReKeyKeyPair, payload: unnamed },
    read(),
    read(UniqueIdentifier.ReKeyKeyPair),
    read(UniqueIdentifier.ReKeyKeyPairPrivateKey),
    read(UniqueIdentifier.ReKeyKeyPairPublicKey),
  ]);
  const first = answers.map(({ item }) => {
    const payload = item.responsePayload;
    return payload !== undefined && Array.isArray(payload.value) ? payload.value.map((each) => each.value) : [];
  });
  const [, made, ...reads] = first;
  t.same(
    reads.map((values) => values[0]),
    [made?.[0], made?.[0], made?.[0], made?.[1]],
  );
});

t.test("another tenant's pair answers like one that is not there", async (t) => {
  await server.administration.createTenant("other");
  const identity = readIdentity(await server.administration.issueClient("other", "stranger"));
  const stranger = await connectTo(server, { identity });
  t.teardown(() => stranger.close());
  const pair = await makePair(V2_1, pairOf(ec));
  const answer = await ask(stranger, V2_1, { operation: Operation.ReKeyKeyPair, payload: reKeyOf(pair) });
  t.equal(answer.reason, ResultReason.ObjectNotFound);
});
