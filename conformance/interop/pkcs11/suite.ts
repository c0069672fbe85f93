import assert from "node:assert/strict";
import { createPublicKey, randomBytes, verify } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KmipClient } from "#src/kmip-client/client.js";
import { readClientFiles } from "#src/kmip-client/identity.js";
import type { InteropServer } from "../interop-server.js";
import type { InteropSuite, SuiteContext } from "../suite.js";
import { type OperatorToken, operatorToken } from "./operator-token.js";
import { type PairOfTenant, TenantKeys } from "./tenant-keys.js";

/** What the checks work with: the token of an operator, and the keys that a tenant bound to it has. */
interface BothDoors {
  readonly token: OperatorToken;
  readonly keys: TenantKeys;
  readonly aesKey: string;
  readonly pair: PairOfTenant;
}

/** All modules that p11-kit knows, as one; its folder has the name of the architecture. */
const proxyModule = "/usr/lib/*/p11-kit-proxy.so";
const document = Buffer.from("signed through one door, verified through the other\n");

async function boundClient(context: SuiteContext, server: InteropServer, token: OperatorToken): Promise<KmipClient> {
  const binding = ["--token-label", token.label, "--pin-file", token.pinFile, "--custody", "token"];
  await server.keyreeve("tenant", "create", "bank", ...binding);
  const { folder } = await server.issueClient("app", "bank");
  context.progress("a tenant is bound to the operator's token");
  return KmipClient.connect({ host: server.host, port: server.port, files: readClientFiles(folder) });
}

async function run(context: SuiteContext): Promise<void> {
  const token = await operatorToken(context);
  const server = await context.startServer({
    configuration: { hsm: { environment: Object.keys(token.environment) } },
    environment: token.environment,
  });
  const client = await boundClient(context, server, token);
  try {
    const keys = new TenantKeys(client);
    const doors = { token, keys, aesKey: await keys.makeAesKey(), pair: await keys.makeRsaPair() };
    await checkListing(context, doors);
    await checkSignatures(context, doors);
    await checkEncryption(context, doors);
    await checkProxy(context, doors);
    await checkDestruction(context, doors, server);
  } finally {
    client.close();
  }
}

async function checkListing({ checks }: SuiteContext, { token, keys, aesKey, pair }: BothDoors): Promise<void> {
  await checks.check("keys made over KMIP are listed in the token, under their identifiers", async () => {
    const listed = await token.list();
    for (const id of [aesKey, pair.privateKey]) assert.ok(listed.has(id), [...listed.keys()].join("\n"));
  });
  await checks.check("they are sensitive and were never extractable", async () => {
    const listed = await token.list();
    for (const id of [aesKey, pair.privateKey])
      assert.match(listed.get(id) ?? "", /always sensitive, never extractable/);
  });
  await checks.check("neither door gives the key itself", async () => {
    await assert.rejects(keys.get(aesKey), { name: "KmipFailure", reason: "NotExtractable" });
    const { code, stdout } = await token.tool(["--read-object", "--type", "secrkey", "--label", aesKey]);
    assert.notEqual(code, 0, stdout);
  });
  await checks.check("without the PIN the token shows neither", async () => {
    const listed = await token.list({ login: false });
    assert.ok(!listed.has(aesKey) && !listed.has(pair.privateKey));
  });
}

async function checkSignatures({ checks, folder }: SuiteContext, doors: BothDoors): Promise<void> {
  const { keys, pair } = doors;
  writeFileSync(join(folder, "document"), document);
  await checks.check("pkcs11-tool signs with the key, and KMIP verifies", async () => {
    const signature = await signWith(doors, folder);
    assert.ok(await keys.verifies(pair.publicKey, document, signature));
    assert.ok(!(await keys.verifies(pair.publicKey, Buffer.from("another document"), signature)));
  });
  await checks.check("both doors make the same signature, which OpenSSL verifies", async () => {
    const signature = await keys.sign(pair.privateKey, document);
    assert.deepEqual(signature, await signWith(doors, folder));
    const key = createPublicKey({ key: await keys.publicKey(pair.publicKey), format: "der", type: "spki" });
    assert.ok(verify("sha256", document, key, signature));
  });
}

async function signWith({ token, pair }: BothDoors, folder: string, module?: string): Promise<Buffer> {
  const files = ["--input-file", join(folder, "document"), "--output-file", join(folder, "signature")];
  const what = ["--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", await token.identifierOf(pair.privateKey)];
  await token.succeed([...what, ...files], module);
  return readFileSync(join(folder, "signature"));
}

async function checkEncryption({ checks, folder }: SuiteContext, { token, keys, aesKey }: BothDoors): Promise<void> {
  const iv = randomBytes(16);
  const id = await token.identifierOf(aesKey);
  const [input, output] = [join(folder, "input"), join(folder, "output")];
  const crypt = async (direction: "--encrypt" | "--decrypt", data: Buffer): Promise<Buffer> => {
    writeFileSync(input, data);
    const what = [direction, "--mechanism", "AES-CBC-PAD", "--iv", iv.toString("hex"), "--id", id];
    await token.succeed([...what, "--input-file", input, "--output-file", output]);
    return readFileSync(output);
  };
  await checks.check("what pkcs11-tool encrypts, KMIP decrypts", async () => {
    const encrypted = await crypt("--encrypt", document);
    assert.notDeepEqual(encrypted, document);
    assert.deepEqual(await keys.decrypt(aesKey, encrypted, iv), document);
  });
  await checks.check("what KMIP encrypts, pkcs11-tool decrypts", async () => {
    assert.deepEqual(await crypt("--decrypt", await keys.encrypt(aesKey, document, iv)), document);
  });
}

async function checkProxy(context: SuiteContext, doors: BothDoors): Promise<void> {
  const { checks, folder, programs } = context;
  const { token, keys, pair } = doors;
  await checks.check("p11-kit lists the tenant's token", async () => {
    const { environment } = token;
    assert.match(await programs.succeed("p11-kit", ["list-modules"], { environment }), /token: bank$/m);
  });
  await checks.check("a signature through p11-kit's proxy is the one that KMIP makes", async () => {
    const module = (await programs.succeed("bash", ["-c", `ls ${proxyModule}`])).trim();
    assert.deepEqual(await signWith(doors, folder, module), await keys.sign(pair.privateKey, document));
  });
}

async function checkDestruction(
  { checks }: SuiteContext,
  { token, keys, aesKey, pair }: BothDoors,
  server: InteropServer,
): Promise<void> {
  await checks.check("a key that is destroyed over KMIP is gone from the token, and the other is not", async () => {
    await keys.destroy(aesKey);
    const listed = await token.list();
    assert.ok(!listed.has(aesKey) && listed.has(pair.privateKey));
  });
  await checks.check("the logins of another process harmed nothing: KMIP signs on", async () => {
    assert.ok(await keys.verifies(pair.publicKey, document, await keys.sign(pair.privateKey, document)));
  });
  await checks.check("the audit trail has what went through KMIP, and only that", async () => {
    const rows = await server.auditRows("bank");
    const done = (name: string) => rows.filter(({ operation, outcome }) => operation === name && outcome === "success");
    assert.equal(done("Encrypt").length, 1);
    assert.equal(done("Decrypt").length, 1);
    assert.equal(done("Destroy").length, 1);
  });
}

/** pkcs11-tool and p11-kit on the token of a tenant, beside KMIP. */
export const pkcs11Suite: InteropSuite = {
  name: "pkcs11",
  proves: "pkcs11-tool, p11-kit and KMIP clients use the same keys of a tenant's token",
  speed: "short",
  debianPackages: [
    { name: "softhsm2", file: "/usr/bin/softhsm2-util" },
    { name: "opensc", file: "/usr/bin/pkcs11-tool" },
    { name: "p11-kit", file: "/usr/bin/p11-kit" },
    { name: "p11-kit-modules", file: proxyModule },
  ],
  run,
};
