import { execFile } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { promisify } from "node:util";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  KeyFormatType,
  Operation,
  PaddingMethod,
  ResultReason,
} from "#protocol/enums/index.js";
import type { GetResponse } from "#protocol/payloads/get.js";
import { Tag } from "#protocol/tags.js";
import { ItemType } from "#protocol/ttlv/item.js";
import { V1_2, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, requested } from "#test/support/kmip-actions.js";
import { ask, askFor, named } from "#test/support/kmip-client-messages.js";
import { clientFolder, connectTo, readIdentity, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const server = await startTestServer();
t.teardown(() => server.stop());
const client = await connectTo(server);
const { administration } = server;

const profile = (name: string | null) =>
  administration.changeClient("demo", "demo-client", JSON.stringify({ profile: name }));

const pair = async (algorithm: number, length: number, requester = client) =>
  askFor<{ privateKeyUniqueIdentifier: string; publicKeyUniqueIdentifier: string }>(
    requester,
    V1_4,
    Operation.CreateKeyPair,
    {
      commonAttributes: requested(
        instance(attributes.cryptographicAlgorithm, algorithm),
        instance(attributes.cryptographicLength, length),
      ),
      privateKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Sign)),
      publicKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify)),
    },
  );

t.test(
  "with the profile cascade an EC public key comes as Raw with its SubjectPublicKeyInfo, from the next request on",
  async (t) => {
    const { publicKeyUniqueIdentifier: id } = await pair(CryptographicAlgorithm.ECDSA, 256);
    const get = async (version: typeof V1_2 | typeof V2_1) => {
      const got = await askFor<GetResponse>(client, version, Operation.Get, { uniqueIdentifier: named(id) });
      return got.publicKey?.keyBlock;
    };
    t.equal((await get(V1_2))?.keyFormatType, KeyFormatType.X_509);
    t.equal((await get(V2_1))?.keyFormatType, KeyFormatType.X_509);
    await profile("cascade");
    for (const version of [V1_2, V2_1] as const) {
      const block = await get(version);
      t.equal(block?.keyFormatType, KeyFormatType.Raw);
      const { keyValue } = block ?? {};
      const key = keyValue !== undefined && !Buffer.isBuffer(keyValue) ? keyValue.keyMaterial : undefined;
      if (!Buffer.isBuffer(key)) throw new TypeError("the key material is no bytes");
      t.equal(createPublicKey({ key, format: "der", type: "spki" }).asymmetricKeyDetails?.namedCurve, "prime256v1");
    }
    const { publicKeyUniqueIdentifier: rsa } = await pair(CryptographicAlgorithm.RSA, 2048);
    const got = await askFor<GetResponse>(client, V1_2, Operation.Get, { uniqueIdentifier: named(rsa) });
    t.equal(got.publicKey?.keyBlock.keyFormatType, KeyFormatType.PKCS_1, "RSA keys stay as they are");
  },
);

t.test("with the profile edb the first block of the data of a Decrypt is its IV where none is named", async (t) => {
  const { create, activate } = actionsOf(client, V1_4);
  const id = await create();
  await activate(id);
  const cryptographicParameters = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };
  const naming = { uniqueIdentifier: named(id), cryptographicParameters };
  const plain = Buffer.from("the key of a database");
  const made = await askFor<{ data: Buffer; ivCounterNonce: Buffer }>(client, V1_4, Operation.Encrypt, {
    ...naming,
    data: plain,
  });
  const joined = { ...naming, data: Buffer.concat([made.ivCounterNonce, made.data]) };
  await profile(null);
  const refused = await ask(client, V1_4, { operation: Operation.Decrypt, payload: joined });
  t.equal(refused.reason, ResultReason.InvalidMessage, "the specification wants an IV");
  for (const name of ["edb", "thales"]) {
    await profile(name);
    const read = async (payload: object) =>
      (await askFor<{ data: Buffer }>(client, V1_4, Operation.Decrypt, payload)).data;
    t.strictSame(await read(joined), plain);
    t.strictSame(await read({ ...naming, data: made.data, ivCounterNonce: made.ivCounterNonce }), plain);
    const short = await ask(client, V1_4, {
      operation: Operation.Decrypt,
      payload: { ...naming, data: Buffer.alloc(8) },
    });
    t.equal(short.reason, ResultReason.InvalidMessage, "data shorter than a block hold no IV");
  }
});

const program = `
import sys
from kmip.pie.client import ProxyKmipClient
from kmip.core import enums
folder, ids = sys.argv[1], sys.argv[2:]
for version in (enums.KMIPVersion.KMIP_1_2, enums.KMIPVersion.KMIP_1_4, enums.KMIPVersion.KMIP_2_0):
    with ProxyKmipClient(config_file=folder + "/pykmip.conf", config="client", kmip_version=version) as client:
        for id in ids:
            try:
                client.get_attributes(id)
                print(version.name, "read")
            except Exception as error:
                print(version.name, type(error).__name__)
`;

t.test(
  "with the profile pykmip a real PyKMIP reads all attributes it is given, also of linked, revoked keys",
  async (t) => {
    const { privateKeyUniqueIdentifier: id } = await pair(CryptographicAlgorithm.RSA, 2048);
    const v1 = actionsOf(client, V1_4);
    const custom = {
      name: "x-Owner",
      value: { tag: Tag.AttributeValue, type: ItemType.TextString, value: "somebody" },
    };
    await v1.act(Operation.AddAttribute, id, { newAttribute: custom });
    await v1.act(Operation.AddAttribute, id, { newAttribute: instance(attributes.objectGroup, "a group") });
    await v1.activate(id);
    await v1.revoke(id);
    const names = async () =>
      (await v1.act<{ attributes: readonly AttributeInstance[] }>(Operation.GetAttributes, id)).attributes.map(
        ({ name }) => name,
      );
    await profile("standard");
    t.ok((await names()).includes("Link"));
    t.ok((await names()).includes("Revocation Reason"));
    await profile("pykmip");
    t.notOk((await names()).some((name) => ["Link", "Revocation Reason"].includes(name)));
    t.ok((await names()).includes("x-Owner"));
    t.ok((await v1.values(id, attributes.link)).length > 0, "asked for by name they are given");
    const others = actionsOf(client, V2_0);
    t.ok((await others.values(id, attributes.objectGroup)).length > 0);
    const run = () => promisify(execFile)("/usr/bin/python3", ["-c", program, clientFolder(server.home), id]);
    const { stdout } = await run();
    t.equal(stdout.trim(), ["1_2", "1_4", "2_0"].map((version) => `KMIP_${version} read`).join("\n"));
    await profile("standard");
    t.match((await run()).stdout, /KMIP_1_2 NotImplementedError/, "without it, it ends with an exception");
  },
);

t.test("the profile of a tenant counts for its clients that have none of their own", async (t) => {
  await administration.createTenant("dns", JSON.stringify({ profile: "cascade" }));
  const folder = await administration.issueClient("dns", "signer");
  const signer = await connectTo(server, { identity: readIdentity(folder) });
  const { publicKeyUniqueIdentifier: id } = await pair(CryptographicAlgorithm.ECDSA, 256, signer);
  const format = async () =>
    (await askFor<GetResponse>(signer, V1_2, Operation.Get, { uniqueIdentifier: named(id) })).publicKey?.keyBlock
      .keyFormatType;
  t.equal(await format(), KeyFormatType.Raw);
  await administration.changeClient("dns", "signer", JSON.stringify({ profile: "standard" }));
  t.equal(await format(), KeyFormatType.X_509);
  const audit = await administration.exportAudit();
  t.match(audit, /"operation":"Change Client".*cascade/, "the audit says who has which profile");
});
