import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  HashingAlgorithm,
  Operation,
  PaddingMethod,
  ResultReason,
} from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { parseProfile } from "#src/crypto/pkcs11/profiles/profile.js";
import { actionsOf, gcm, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { ask, named } from "#test/support/kmip-client-messages.js";
import { makeNssToken, NSS_LABEL, NSS_MODULE } from "#test/support/nss.js";
import {
  clientFolder,
  connectTo,
  readIdentity,
  runKeyreeve,
  startTestServer,
  temporaryHome,
} from "#test/support/server.js";

const home = temporaryHome();

/** A token of NSS in a folder of the data directory. */
async function token(name: string) {
  const folder = join(home, name);
  mkdirSync(folder);
  return makeNssToken(folder);
}

const rootToken = await token("nss-root");
const tenantToken = await token("nss-tenant");
writeFileSync(
  join(home, "keyreeve.yaml"),
  JSON.stringify({
    hsm: {
      module: NSS_MODULE,
      moduleParameters: rootToken.parameters,
      rootToken: { label: NSS_LABEL },
      rootPin: { file: "root.pin" },
    },
  }),
);
writeFileSync(join(home, "root.pin"), rootToken.pin);
const environment = { TENANT_PIN: tenantToken.pin };
const server = await startTestServer({ home, asCommand: true });
t.teardown(() => server.stop());

const run = (...args: string[]) => runKeyreeve(home, args, environment);
const binding = ["--token-label", NSS_LABEL, "--module-parameters", tenantToken.parameters, "--pin-env", "TENANT_PIN"];
const created = await run("tenant", "create", "bank", ...binding);
const issued = await run("client", "issue", "teller", "--tenant", "bank");
if (issued.code !== 0) throw new Error(`${created.stderr}${issued.stderr}`);
const identity = readIdentity(clientFolder(home, "bank", "teller"));
const client = await connectTo(server, { identity });
t.teardown(() => client.close());
const { act, create, activate, revoke, destroy, locate, value } = actionsOf(client, V2_1);

t.test("a server has its own partition and that of a tenant on tokens of NSS", async (t) => {
  t.equal(created.code, 0, created.stderr);
  t.equal(issued.code, 0, issued.stderr);
  const information = JSON.parse((await run("hsm", "info", "--tenant", "bank", "--json")).stdout) as object;
  t.match(information, { profile: "nss", tokenLabel: NSS_LABEL, manufacturer: "Mozilla Foundation" });
});

t.test("the command line probes a module and writes its profile", async (t) => {
  const pinFile = join(home, "tenant.pin");
  const output = join(home, "nss.profile.json");
  writeFileSync(pinFile, tenantToken.pin);
  const which = ["--module", NSS_MODULE, "--module-parameters", tenantToken.parameters, "--token-label", NSS_LABEL];
  const { code, stdout, stderr } = await run("hsm", "probe", ...which, "--pin-file", pinFile, "--output", output);
  t.equal(code, 0, stderr);
  for (const shown of [/Profile: +nss/, /CKM_AES_GCM/, /wraps by CKM_AES_KEY_WRAP_KWP +exact/, /has all that/]) {
    t.match(stdout, shown);
  }
  t.match(parseProfile(readFileSync(output, "utf8")), { name: "nss", quirks: { padsWithZeros: false } });
  const read = await run("hsm", "probe", ...which, "--json");
  t.match(JSON.parse(read.stdout), { format: "keyreeve-hsm-profile", findings: { trials: {} } });
});

t.test("a tenant without a token to be bound to is refused where the server makes none", async (t) => {
  const { code, stderr } = await run("tenant", "create", "nobody");
  t.not(code, 0);
  t.match(stderr, /name the token to bind the tenant to/);
});

t.test("a PIN that the environment does not hold is an error of the command line", async (t) => {
  const { code, stderr } = await run("tenant", "create", "x", "--token-label", "x", "--pin-env", "NO_SUCH_PIN");
  t.not(code, 0);
  t.match(stderr, /NO_SUCH_PIN is empty/);
});

t.test("a key of a token of NSS is made, used, found, given and destroyed", async (t) => {
  const id = await create(nameOf("ledger"));
  await activate(id);
  const cryptographicParameters = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };
  const data = Buffer.from("a payment");
  type Encrypted = { data: Buffer; ivCounterNonce: Buffer };
  const encrypted = await act<Encrypted>(Operation.Encrypt, id, { cryptographicParameters, data });
  const { ivCounterNonce } = encrypted;
  const asked = { cryptographicParameters, data: encrypted.data, ivCounterNonce };
  t.same((await act<{ data: Buffer }>(Operation.Decrypt, id, asked)).data, data);
  t.same(await locate(nameOf("ledger")), [id]);
  type Got = { symmetricKey: { keyBlock: { keyValue: { keyMaterial: Buffer } } } };
  t.equal((await act<Got>(Operation.Get, id)).symmetricKey.keyBlock.keyValue.keyMaterial.length, 32);
  await revoke(id);
  await destroy(id);
  t.same(await locate(nameOf("ledger")), [], "nobody finds it any more");
  const gone = await ask(client, V2_1, { operation: Operation.Get, payload: { uniqueIdentifier: named(id) } });
  t.equal(gone.reason, ResultReason.ObjectDestroyed);
});

t.test("a key that stays in a token of NSS does its work there", async (t) => {
  const id = await create(instance(attributes.protectionLevel, 1));
  await activate(id);
  const cryptographicParameters = { blockCipherMode: BlockCipherMode.ECB, paddingMethod: PaddingMethod.PKCS5 };
  t.ok(await act(Operation.Encrypt, id, { cryptographicParameters, data: Buffer.from("x") }));
  t.equal(await value(id, attributes.extractable), false);
  await revoke(id);
  await destroy(id);
});

t.test("a token of NSS encrypts by AES-GCM what comes in parts, as a whole", async (t) => {
  const id = await create(instance(attributes.extractable, false));
  await activate(id);
  const cryptographicParameters = gcm;
  type Part = { data?: Buffer; correlationValue: Buffer };
  const first = await act<Part>(Operation.Encrypt, id, {
    cryptographicParameters,
    data: Buffer.from("one "),
    initIndicator: true,
  });
  const { correlationValue } = first;
  type Last = { data: Buffer; authenticatedEncryptionTag: Buffer; ivCounterNonce?: Buffer };
  const last = await act<Last>(Operation.Encrypt, id, {
    data: Buffer.from("two"),
    finalIndicator: true,
    correlationValue,
  });
  const { authenticatedEncryptionTag } = last;
  const ivCounterNonce = last.ivCounterNonce ?? (first as { ivCounterNonce?: Buffer }).ivCounterNonce;
  const data = Buffer.concat([first.data ?? Buffer.alloc(0), last.data]);
  const asked = { cryptographicParameters, data, ivCounterNonce, authenticatedEncryptionTag };
  const opened = await act<{ data: Buffer }>(Operation.Decrypt, id, asked);
  t.equal(opened.data.toString(), "one two");
});

t.test("a pair of a token of NSS signs and verifies", async (t) => {
  const half = (cryptographicUsageMask: number) =>
    requested(
      instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.ECDSA),
      instance(attributes.cryptographicLength, 256),
      instance(attributes.cryptographicUsageMask, cryptographicUsageMask),
      instance(attributes.activationDate, 1_000_000_000),
    );
  type Pair = { privateKeyUniqueIdentifier: string; publicKeyUniqueIdentifier: string };
  const pair = await act<Pair>(Operation.CreateKeyPair, undefined, {
    privateKeyAttributes: half(CryptographicUsageMask.Sign),
    publicKeyAttributes: half(CryptographicUsageMask.Verify),
  });
  const data = Buffer.from("an order");
  const cryptographicParameters = { hashingAlgorithm: HashingAlgorithm.SHA_256 };
  const { signatureData } = await act<{ signatureData: Buffer }>(Operation.Sign, pair.privateKeyUniqueIdentifier, {
    cryptographicParameters,
    data,
  });
  const verifying = { cryptographicParameters, data, signatureData };
  const verified = await act<{ validityIndicator: number }>(
    Operation.SignatureVerify,
    pair.publicKeyUniqueIdentifier,
    verifying,
  );
  t.equal(verified.validityIndicator, 1);
});
