import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CryptographicAlgorithm,
  CryptographicUsageMask,
  DerivationMethod,
  HashingAlgorithm,
  KeyFormatType,
  ObjectType,
  Operation,
  ProtectionStorageMask,
  ResultReason,
  SecretDataType,
  SplitKeyMethod,
} from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, requested } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { ask, askFor, named, OperationFailed } from "#test/support/kmip-client-messages.js";
import { clientFolder, connectTo, readIdentity, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
t.teardown(() => server.stop());
await server.administration.createTenant("vault", JSON.stringify({ custody: "token" }));
await server.administration.issueClient("vault", "guard");
const clients = {
  wrapped: await connectTo(server),
  token: await connectTo(server, { identity: readIdentity(clientFolder(server.home, "vault", "guard")) }),
};
t.teardown(() => Promise.all(Object.values(clients).map((client) => client.close())));

type Default = keyof typeof clients;
type Reason = keyof typeof ResultReason;

/** How a request asks for protection: by attributes, and by storage masks where its payload has a field for them. */
const wishes = {
  nothing: { attributes: [], masks: undefined },
  "High protection": { attributes: [instance(attributes.protectionLevel, 1)], masks: undefined },
  Hardware: { attributes: [], masks: [ProtectionStorageMask.Hardware] },
  Software: { attributes: [], masks: [ProtectionStorageMask.Software] },
  "Hardware or Software": { attributes: [], masks: [ProtectionStorageMask.Hardware, ProtectionStorageMask.Software] },
} as const;
type Wish = keyof typeof wishes;

const secrecies = {
  open: [],
  sensitive: [instance(attributes.sensitive, true)],
  "not extractable": [instance(attributes.extractable, false)],
} as const;
type Secrecy = keyof typeof secrecies;

/** Those that are tried where keys stay in the token anyway. */
const tokenSecrecies: readonly Secrecy[] = ["sensitive"];

/** A way to make an object, and what the token is to it. */
interface Row {
  readonly name: string;
  readonly operation: number;
  /** The token keeps such objects; else they are `wrapped`, or refused where they are to be in the token. */
  readonly ofToken: boolean;
  /** The request has a field for storage masks. */
  readonly hasMasks: boolean;
  /** The wishes that are tried, where making one takes long; all where absent. */
  readonly wishes?: readonly Wish[];
  /** Why an object that is to be in the token is refused. */
  readonly refusal?: Reason;
  /** Why one that may not leave the token is refused: it would be made in memory. */
  readonly confinedRefusal?: Reason;
  payload(list: readonly AttributeInstance[], client: KmipClient): object | Promise<object>;
}

function algorithm(cryptographicAlgorithm: number, bits: number): readonly AttributeInstance[] {
  return [
    instance(attributes.cryptographicAlgorithm, cryptographicAlgorithm),
    instance(attributes.cryptographicLength, bits),
  ];
}

const usage = instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Encrypt);
const { AES, DES3, HMAC_SHA256, ChaCha20, RSA, EC, Ed25519 } = CryptographicAlgorithm;

function creating(name: string, code: number, bits: number, ofToken: boolean): Row {
  const objectType = ObjectType.SymmetricKey;
  const payload = (list: readonly AttributeInstance[]) => ({
    objectType,
    attributes: requested(usage, ...algorithm(code, bits), ...list),
  });
  return { name: `Create ${name}`, operation: Operation.Create, ofToken, hasMasks: true, payload };
}

function keyBlock(keyFormatType: number, keyMaterial: Buffer, code?: number, bits?: number): object {
  return {
    keyBlock: { keyFormatType, keyValue: { keyMaterial }, cryptographicAlgorithm: code, cryptographicLength: bits },
  };
}

function registering(name: string, ofToken: boolean, objectType: number, object: () => object): Row {
  const payload = (list: readonly AttributeInstance[]) => ({
    objectType,
    attributes: requested(...(objectType === ObjectType.OpaqueObject ? [] : [usage]), ...list),
    ...object(),
  });
  return { name: `Register ${name}`, operation: Operation.Register, ofToken, hasMasks: true, payload };
}

const { SymmetricKey, PrivateKey, PublicKey, SecretData, OpaqueObject } = ObjectType;
const pairs = {
  rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ec: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  ed25519: generateKeyPairSync("ed25519"),
};

function privateBlock(kind: keyof typeof pairs, code: number, bits: number): object {
  const key = pairs[kind].privateKey.export({ format: "der", type: "pkcs8" });
  return { privateKey: keyBlock(KeyFormatType.PKCS_8, key, code, bits) };
}

function pairing(name: string, code: number, bits: number, software: boolean): Row {
  const half = (mask: number, list: readonly AttributeInstance[] = []) =>
    requested(...algorithm(code, bits), instance(attributes.cryptographicUsageMask, mask), ...list);
  return {
    name: `Create Key Pair ${name}`,
    operation: Operation.CreateKeyPair,
    ofToken: !software,
    hasMasks: true,
    refusal: "PrivateProtectionStorageUnavailable",
    ...(software ? { confinedRefusal: "PermissionDenied" } : {}),
    ...(code === RSA ? { wishes: ["Hardware"] } : {}),
    payload: (list) => ({
      privateKeyAttributes: half(CryptographicUsageMask.Sign, list),
      publicKeyAttributes: half(CryptographicUsageMask.Verify),
    }),
  };
}

const aesBlock = () => ({ symmetricKey: keyBlock(KeyFormatType.Raw, randomBytes(32), AES, 256) });
const seedBlock = () => ({
  secretData: { secretDataType: SecretDataType.Seed, ...keyBlock(KeyFormatType.Raw, randomBytes(20)) },
});

async function baseFor(client: KmipClient): Promise<string> {
  const derives = instance(attributes.cryptographicUsageMask, CryptographicUsageMask.DeriveKey);
  const list = [...algorithm(HMAC_SHA256, 256), derives, instance(attributes.activationDate, 1_000_000_000)];
  const { act } = actionsOf(client, V2_1);
  const payload = { objectType: SymmetricKey, attributes: requested(...list) };
  return (await act<{ uniqueIdentifier: string }>(Operation.Create, undefined, payload)).uniqueIdentifier;
}

async function partsFor(client: KmipClient): Promise<readonly string[]> {
  const payload = {
    objectType: ObjectType.SplitKey,
    splitKeyParts: 2,
    splitKeyThreshold: 2,
    splitKeyMethod: SplitKeyMethod.XOR,
    attributes: requested(...algorithm(AES, 256)),
  };
  const { act } = actionsOf(client, V2_1);
  return (await act<{ uniqueIdentifiers: readonly string[] }>(Operation.CreateSplitKey, undefined, payload))
    .uniqueIdentifiers;
}

const rows: readonly Row[] = [
  creating("AES", AES, 256, true),
  creating("triple DES", DES3, 168, true),
  creating("HMAC-SHA-256", HMAC_SHA256, 256, true),
  creating("ChaCha20", ChaCha20, 256, false),
  registering("AES", true, SymmetricKey, aesBlock),
  registering("HMAC-SHA-256", true, SymmetricKey, () => ({
    symmetricKey: keyBlock(KeyFormatType.Raw, randomBytes(32), HMAC_SHA256, 256),
  })),
  registering("ChaCha20", false, SymmetricKey, () => ({
    symmetricKey: keyBlock(KeyFormatType.Raw, randomBytes(32), ChaCha20, 256),
  })),
  registering("RSA private", true, PrivateKey, () => privateBlock("rsa", RSA, 2048)),
  registering("EC private", true, PrivateKey, () => privateBlock("ec", EC, 256)),
  registering("Ed25519 private", false, PrivateKey, () => privateBlock("ed25519", Ed25519, 256)),
  registering("EC public", false, PublicKey, () => {
    const key = pairs.ec.publicKey.export({ format: "der", type: "spki" });
    return { publicKey: keyBlock(KeyFormatType.X_509, key, EC, 256) };
  }),
  registering("Secret Data", false, SecretData, seedBlock),
  registering("Opaque Object", false, OpaqueObject, () => ({
    opaqueObject: { opaqueDataType: 0x80000001, opaqueDataValue: randomBytes(9) },
  })),
  pairing("RSA", RSA, 2048, false),
  pairing("EC", EC, 256, false),
  pairing("Ed25519", Ed25519, 256, true),
  {
    name: "Import AES",
    operation: Operation.Import,
    ofToken: true,
    hasMasks: false,
    payload: (list) => ({
      uniqueIdentifier: randomUUID(),
      objectType: SymmetricKey,
      attributes: [usage, ...list],
      ...aesBlock(),
    }),
  },
  {
    name: "Import Secret Data",
    operation: Operation.Import,
    ofToken: false,
    hasMasks: false,
    payload: (list) => ({
      uniqueIdentifier: randomUUID(),
      objectType: SecretData,
      attributes: [usage, ...list],
      ...seedBlock(),
    }),
  },
  ...[AES, ChaCha20].map(
    (code): Row => ({
      name: `Derive ${code === AES ? "AES" : "ChaCha20"}`,
      operation: Operation.DeriveKey,
      ofToken: code === AES,
      hasMasks: false,
      payload: async (list, client) => ({
        objectType: SymmetricKey,
        uniqueIdentifiers: [named(await baseFor(client))],
        derivationMethod: DerivationMethod.HMAC,
        derivationParameters: {
          cryptographicParameters: { hashingAlgorithm: HashingAlgorithm.SHA_256 },
          derivationData: [Buffer.from("data")],
        },
        attributes: requested(usage, ...algorithm(code, 256), ...list),
      }),
    }),
  ),
  {
    name: "Create Split Key",
    operation: Operation.CreateSplitKey,
    ofToken: false,
    hasMasks: true,
    confinedRefusal: "PermissionDenied",
    payload: (list) => ({
      objectType: ObjectType.SplitKey,
      splitKeyParts: 2,
      splitKeyThreshold: 2,
      splitKeyMethod: SplitKeyMethod.XOR,
      attributes: requested(...algorithm(AES, 256), ...list),
    }),
  },
  {
    name: "Join AES",
    operation: Operation.JoinSplitKey,
    ofToken: true,
    hasMasks: true,
    payload: async (list, client) => ({
      objectType: SymmetricKey,
      uniqueIdentifiers: (await partsFor(client)).map(named),
      attributes: requested(usage, ...list),
    }),
  },
];

/** Where an object goes, or why it is refused: what the token keeps goes there by request or by default. */
function expected(row: Row, tenant: Default, wish: Wish, secrecy: Secrecy): "token" | "wrapped" | Reason {
  const demands = wish === "High protection" || (wish === "Hardware" && row.hasMasks);
  if (demands && !row.ofToken) return row.refusal ?? "ProtectionStorageUnavailable";
  if (secrecy !== "open" && row.confinedRefusal !== undefined) return row.confinedRefusal;
  return row.ofToken && (demands || tenant === "token") ? "token" : "wrapped";
}

/** The identifier in any answer that makes something: of the private half of a pair, of the first of several parts. */
function identifierIn(payload: Record<string, unknown>): string {
  const several = payload["uniqueIdentifiers"] as readonly string[] | undefined;
  return String(payload["privateKeyUniqueIdentifier"] ?? payload["uniqueIdentifier"] ?? several?.[0]);
}

async function made(row: Row, tenant: Default, wish: Wish, secrecy: Secrecy) {
  const client = clients[tenant];
  const { attributes: list, masks } = wishes[wish];
  const field = row.operation === Operation.CreateKeyPair ? "privateProtectionStorageMasks" : "protectionStorageMasks";
  const storage = masks !== undefined && row.hasMasks ? { [field]: { protectionStorageMask: [...masks] } } : {};
  const payload = { ...(await row.payload([...list, ...secrecies[secrecy]], client)), ...storage };
  try {
    const answer = await askFor<Record<string, unknown>>(client, V2_1, row.operation, payload);
    return { reason: undefined, id: identifierIn(answer) };
  } catch (error) {
    if (!(error instanceof OperationFailed)) throw error;
    return { reason: error.answered.reason, id: "" };
  }
}

/** The answer of Get: the object as it is, or why it is not given. */
async function given(client: KmipClient, id: string): Promise<"given" | Reason | undefined> {
  const answer = await ask(client, V2_1, { operation: Operation.Get, payload: { uniqueIdentifier: named(id) } });
  const reasons = Object.entries(ResultReason) as [Reason, number][];
  return answer.reason === undefined ? "given" : reasons.find(([, code]) => code === answer.reason)?.[0];
}

function leaving(place: "token" | "wrapped", secrecy: Secrecy): "given" | Reason {
  if (place === "token" || secrecy === "not extractable") return "NotExtractable";
  return secrecy === "sensitive" ? "Sensitive" : "given";
}

for (const row of rows) {
  for (const tenant of ["wrapped", "token"] as const) {
    t.test(`${row.name}, default ${tenant}: goes where it is asked to, or is refused with the reason`, async (t) => {
      for (const wish of row.wishes ?? (Object.keys(wishes) as Wish[])) {
        for (const secrecy of tenant === "token" ? tokenSecrecies : (Object.keys(secrecies) as Secrecy[])) {
          const where = `${wish}, ${secrecy}`;
          const place = expected(row, tenant, wish, secrecy);
          const { reason, id } = await made(row, tenant, wish, secrecy);
          if (place !== "token" && place !== "wrapped") {
            t.equal(reason, ResultReason[place], where);
            continue;
          }
          t.equal(reason, undefined, where);
          const mask = await actionsOf(clients[tenant], V2_1).value(id, attributes.protectionStorageMask);
          const told = place === "token" ? ProtectionStorageMask.Hardware : ProtectionStorageMask.Software;
          t.equal(mask, told, where);
          t.equal(await given(clients[tenant], id), leaving(place, secrecy), `${where}, Get`);
        }
      }
    });
  }
}
