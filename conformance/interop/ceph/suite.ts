import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { type InteropServer, projectRoot } from "../interop-server.js";
import type { InteropSuite, SuiteContext } from "../suite.js";
import { type Cluster, startCluster } from "./cluster.js";

const python = "/usr/bin/python3";
const here = join(projectRoot, "conformance/interop/ceph");
const bucket = "records";

/** What the suite does to keys and objects. */
interface Actions {
  key(...args: readonly string[]): Promise<string>;
  put(object: string, data: Buffer, key?: string): Promise<string>;
  /** The SHA-256 of an object, as the gateway gives it. */
  get(object: string): Promise<string>;
}

const digest = (data: Buffer): string => createHash("sha256").update(data).digest("hex");

async function actionsOn(context: SuiteContext, server: InteropServer, cluster: Cluster): Promise<Actions> {
  const { programs } = context;
  const user = JSON.parse(
    await cluster.ceph("radosgw-admin", "-n", "client.rgw", "user", "create", "--uid=reader", "--display-name=Reader"),
  ) as { keys: [{ access_key: string; secret_key: string }] };
  const { access_key, secret_key } = user.keys[0];
  const s3 = [join(here, "objects.py"), cluster.endpoint, access_key, secret_key];
  const configuration = join(server.client.folder, "pykmip.conf");
  return {
    key: async (...args) => (await programs.succeed(python, [join(here, "keys.py"), configuration, ...args])).trim(),
    put: async (object, data, key) =>
      (
        await programs.succeed(python, [...s3, "put", bucket, object, ...(key === undefined ? [] : [key])], {
          input: data,
        })
      ).trim(),
    get: async (object) => (await programs.succeed(python, [...s3, "get", bucket, object])).trim(),
  };
}

/** What rests in the pool of an object, as it is stored. */
async function atRest({ programs, folder }: SuiteContext, cluster: Cluster, object: string): Promise<string> {
  const pool = "default.rgw.buckets.data";
  const names = (await cluster.ceph("rados", "-n", "client.admin", "-p", pool, "ls")).split("\n");
  const name = names.find((each) => each.endsWith(`_${object}`));
  assert.ok(name, names.join(" "));
  const file = join(folder, "at-rest");
  await cluster.ceph("rados", "-n", "client.admin", "-p", pool, "get", name, file);
  return (await programs.succeed("base64", ["-w0", file])).trim();
}

async function writeAndRead(context: SuiteContext, cluster: Cluster, actions: Actions): Promise<void> {
  const { checks } = context;
  const text = Buffer.from("the patient's file ".repeat(200));
  await checks.check("an object that is not encrypted rests as it is, so that the next check can fail", async () => {
    await actions.put("plain", text);
    const stored = Buffer.from(await atRest(context, cluster, "plain"), "base64");
    assert.ok(stored.includes("the patient's file"));
  });
  await checks.check("an object put with SSE-KMS names its key in the answer", async () => {
    assert.equal(await actions.put("text", text, "bucket-key-1"), "aws:kms bucket-key-1");
  });
  await checks.check("it rests encrypted", async () => {
    const stored = Buffer.from(await atRest(context, cluster, "text"), "base64");
    assert.equal(stored.length, text.length);
    assert.equal(stored.includes("patient"), false);
  });
  await checks.check("it is read back as it was", async () => assert.equal(await actions.get("text"), digest(text)));
  await checks.check("several keys serve several objects, an empty one and one of 9 MB among them", async () => {
    const objects = [Buffer.alloc(0), randomBytes(1), randomBytes(4097), randomBytes(9_000_000)];
    for (const [index, data] of objects.entries()) {
      await actions.put(`many-${index}`, data, `bucket-key-${(index % 3) + 1}`);
    }
    for (const [index, data] of objects.entries()) assert.equal(await actions.get(`many-${index}`), digest(data));
  });
  await checks.check("eight objects are written and read at the same time", async () => {
    const objects = Array.from({ length: 8 }, () => randomBytes(2000));
    await Promise.all(objects.map((data, index) => actions.put(`together-${index}`, data, "bucket-key-2")));
    const got = await Promise.all(objects.map((_, index) => actions.get(`together-${index}`)));
    assert.deepEqual(got, objects.map(digest));
  });
}

async function keysComeAndGo(context: SuiteContext, actions: Actions): Promise<void> {
  const { checks } = context;
  const data = randomBytes(5000);
  await checks.check("a key that does not exist is refused, and nothing is stored", async () => {
    await assert.rejects(actions.put("nowhere", data, "no-such-key"));
    await assert.rejects(actions.get("nowhere"), /NoSuchKey|404/);
  });
  await checks.check("a key of a new name takes over, and objects of the old one are still read", async () => {
    await actions.key("create", "rotated-2");
    await actions.put("before", data, "bucket-key-3");
    await actions.put("after", data, "rotated-2");
    assert.deepEqual([await actions.get("before"), await actions.get("after")], [digest(data), digest(data)]);
  });
  await checks.check("a renamed key is not found, and is once it has its name again", async () => {
    await actions.key("rename", "bucket-key-3", "moved");
    await assert.rejects(actions.get("before"));
    await actions.key("rename", "moved", "bucket-key-3");
    assert.equal(await actions.get("before"), digest(data));
  });
  await checks.check("the old name of a re-keyed key stands for the new key", async () => {
    await actions.key("create", "rekeyed");
    await actions.put("under-the-old", data, "rekeyed");
    await actions.key("rekey", "rekeyed");
    await actions.put("under-the-new", data, "rekeyed");
    assert.equal(await actions.get("under-the-new"), digest(data));
    // The gateway keeps the name only: an object of before the re-key does not come back as it was.
    assert.notEqual(await actions.get("under-the-old").catch(() => "refused"), digest(data));
  });
  await checks.check("once its key is destroyed an object cannot be read", async () => {
    await actions.key("create", "short-lived");
    await actions.put("lost", data, "short-lived");
    assert.equal(await actions.get("lost"), digest(data));
    await actions.key("destroy", "short-lived");
    await assert.rejects(actions.get("lost"));
  });
}

async function run(context: SuiteContext): Promise<void> {
  const { checks, startServer } = context;
  const server = await startServer();
  const cluster = await startCluster(context, server);
  const actions = await actionsOn(context, server, cluster);
  const identifiers: string[] = [];
  for (const name of ["bucket-key-1", "bucket-key-2", "bucket-key-3"]) {
    identifiers.push(await actions.key("create", name));
  }
  await writeAndRead(context, cluster, actions);
  await keysComeAndGo(context, actions);
  await checks.check("the audit trail has each key that the gateway was given", async () => {
    const given = (await server.auditRows()).filter(
      ({ operation, outcome }) => operation === "Get" && outcome === "success",
    );
    for (const identifier of identifiers) assert.ok(given.some(({ objectId }) => objectId === identifier));
  });
  if (checks.results.some(({ passed }) => !passed)) context.progress(cluster.gatewayLog().slice(-3000));
}

/** Ceph's RADOS gateway, which encrypts objects with keys it takes from a KMIP server. */
export const cephSuite: InteropSuite = {
  name: "ceph",
  proves: "Ceph's object gateway encrypts objects with keys from here (SSE-KMS)",
  speed: "slow",
  debianPackages: [
    { name: "ceph-mon", file: "/usr/bin/ceph-mon" },
    { name: "ceph-osd", file: "/usr/bin/ceph-osd" },
    { name: "radosgw", file: "/usr/bin/radosgw" },
    { name: "ceph-common", file: "/usr/bin/ceph" },
    { name: "python3-boto3", file: "/usr/lib/python3/dist-packages/boto3/__init__.py" },
    { name: "python3-pykmip", file: "/usr/lib/python3/dist-packages/kmip/__init__.py" },
  ],
  run,
};
