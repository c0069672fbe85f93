import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Tag } from "#protocol/tags.js";
import { type InteropServer, projectRoot } from "../interop-server.js";
import type { InteropSuite, SuiteContext } from "../suite.js";
import { fieldOf, sendDelegated } from "./delegated.js";

/** Master keys that the driver made, by what the audit trail and another client say of them. */
async function checkMasters({ checks }: SuiteContext, server: InteropServer, output: string): Promise<void> {
  const masters = /^# masters (.*)$/m.exec(output)?.[1]?.split(" ") ?? [];
  await checks.check("each master key was registered, activated and given, and the audit trail says so", async () => {
    const rows = await server.auditRows();
    assert.ok(masters.length > 0, output);
    for (const master of masters) {
      const done = rows.filter(({ objectId, outcome }) => objectId === master && outcome === "success");
      const operations = done.map(({ operation }) => operation);
      assert.deepEqual(operations.slice(0, 3), ["Register", "Activate", "Get"]);
    }
  });
}

/** The mode in which the master key does not leave the server, by messages of our own: Debian's library has it not. */
async function playDelegated({ checks }: SuiteContext, server: InteropServer): Promise<void> {
  const dataKey = randomBytes(96);
  const identifier = await checks.check("delegated: Create in 1.2 gives an identifier of 36 characters", async () => {
    const created = fieldOf(await sendDelegated(server, "create"), Tag.UniqueIdentifier).toString();
    assert.match(created, /^[0-9a-f-]{36}$/);
    return created;
  });
  if (identifier === undefined) return;
  await checks.check("delegated: Activate in 1.0 gives the same identifier", async () => {
    const payload = await sendDelegated(server, "activate", { identifier });
    assert.equal(fieldOf(payload, Tag.UniqueIdentifier).toString(), identifier);
  });
  const encrypted = await checks.check("delegated: Encrypt with Random IV gives 112 bytes and the IV", async () => {
    const payload = await sendDelegated(server, "encrypt", { identifier, data: dataKey });
    const [data, iv] = [fieldOf(payload, Tag.Data), fieldOf(payload, Tag.IVCounterNonce)];
    assert.equal(data.length, 112);
    assert.equal(iv.length, 16);
    return { data, iv };
  });
  if (encrypted === undefined) return;
  await checks.check("delegated: Decrypt gives the data key back", async () => {
    const payload = await sendDelegated(server, "decrypt", { identifier, ...encrypted });
    assert.deepEqual(fieldOf(payload, Tag.Data), dataKey);
  });
  await checks.check("delegated: the IV is another one each time", async () => {
    const again = await sendDelegated(server, "encrypt", { identifier, data: dataKey });
    assert.notDeepEqual(fieldOf(again, Tag.IVCounterNonce), encrypted.iv);
  });
  await checks.check("delegated: the audit trail has each step, and that the key was never given", async () => {
    const rows = (await server.auditRows()).filter(({ objectId }) => objectId === identifier);
    const operations = rows.map(({ operation, outcome }) => `${operation} ${outcome}`);
    assert.deepEqual(operations, [
      "Create success",
      "Activate success",
      "Encrypt success",
      "Decrypt success",
      "Encrypt success",
    ]);
  });
}

async function run(context: SuiteContext): Promise<void> {
  const { checks, programs, nodeFolder, startServer } = context;
  const server = await startServer();
  const driver = join(projectRoot, "conformance/interop/mongodb/driver.mjs");
  const { authority, both } = server.client;
  const args = [driver, nodeFolder, `localhost:${server.port}`, authority, both];
  const { stdout, stderr } = await programs.run(process.execPath, args);
  checks.recordTap(stdout.replace(/^(1\.\.|#).*\n/gm, ""));
  await checks.check("the driver said nothing to standard error", () => assert.equal(stderr, ""));
  await checkMasters(context, server, stdout);
  await playDelegated(context, server);
}

/** MongoDB's Node.js driver with client-side field level encryption, and the delegated mode of its newer library. */
export const mongodbSuite: InteropSuite = {
  name: "mongodb",
  proves: "MongoDB's driver keeps the master keys of client-side field level encryption here",
  speed: "short",
  debianPackages: [
    { name: "libmongocrypt-dev", file: "/usr/include/mongocrypt/mongocrypt.h" },
    { name: "build-essential", file: "/usr/bin/g++" },
  ],
  // The last versions that compile against the libmongocrypt of Debian 12.
  nodePackages: {
    versions: { mongodb: "6.3.0", "mongodb-client-encryption": "6.0.0" },
    environment: { BUILD_TYPE: "dynamic", CXXFLAGS: "-DNODE_API_EXPERIMENTAL_NOGC_ENV_OPT_OUT" },
  },
  run,
};
