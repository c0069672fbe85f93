import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import { type InteropServer, readText } from "../interop-server.js";
import type { InteropSuite, SuiteContext } from "../suite.js";
import { type ApiAnswer, type Barbican, startBarbican } from "./barbican.js";

const binary = "application/octet-stream";

function jsonOf<T>({ status, body }: ApiAnswer): T {
  assert.ok(status < 300, `${status}: ${body.toString()}`);
  return JSON.parse(body.toString()) as T;
}

/** One kind of secret, as it is given to the API and as it has to come back. */
interface SecretCase {
  readonly type: "symmetric" | "public" | "private" | "certificate" | "passphrase" | "opaque";
  readonly payload: Buffer;
  readonly contentType: string;
  readonly algorithm?: string;
  readonly bitLength?: number;
}

function secretCases(certificate: string): readonly SecretCase[] {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const rsa = { contentType: binary, algorithm: "rsa", bitLength: 2048 };
  return [
    { type: "symmetric", payload: randomBytes(32), contentType: binary, algorithm: "aes", bitLength: 256 },
    { type: "symmetric", payload: randomBytes(16), contentType: binary, algorithm: "aes", bitLength: 128 },
    { type: "public", payload: Buffer.from(publicKey.trim()), ...rsa },
    { type: "private", payload: Buffer.from(privateKey.trim()), ...rsa },
    { type: "certificate", payload: Buffer.from(certificate.trim()), contentType: binary },
    { type: "passphrase", payload: Buffer.from("correct horse battery staple"), contentType: "text/plain" },
    { type: "opaque", payload: randomBytes(100), contentType: binary },
  ];
}

/** Barbican gives PEM with or without a line break at its end. */
const trimmed = (data: Buffer): string =>
  data.toString("latin1").startsWith("-----") ? data.toString("latin1").trim() : data.toString("latin1");

async function store(barbican: Barbican, secret: SecretCase): Promise<string> {
  const isText = secret.contentType === "text/plain";
  const json = {
    name: `${secret.type}-secret`,
    secret_type: secret.type,
    payload: secret.payload.toString(isText ? "utf8" : "base64"),
    payload_content_type: secret.contentType,
    ...(isText ? {} : { payload_content_encoding: "base64" }),
    ...(secret.algorithm === undefined ? {} : { algorithm: secret.algorithm, bit_length: secret.bitLength }),
  };
  return jsonOf<{ secret_ref: string }>(await barbican.call("POST", "secrets", { json })).secret_ref;
}

async function payloadOf(barbican: Barbican, secret: string, accept: string): Promise<Buffer> {
  const answer = await barbican.call("GET", `${secret}/payload`, { accept });
  assert.equal(answer.status, 200, answer.body.toString());
  return answer.body;
}

async function checkSecrets({ checks }: SuiteContext, server: InteropServer, barbican: Barbican): Promise<void> {
  for (const secret of secretCases(readText(server.client.certificate))) {
    const size = secret.bitLength === undefined ? "" : ` of ${secret.bitLength} bits`;
    const reference = await checks.check(
      `a ${secret.type} secret${size} is stored and comes back as it was`,
      async () => {
        const stored = await store(barbican, secret);
        assert.equal(trimmed(await payloadOf(barbican, stored, secret.contentType)), trimmed(secret.payload));
        return stored;
      },
    );
    if (reference === undefined) continue;
    await checks.check(
      `a ${secret.type} secret${size} is deleted, and destroyed here without a revocation`,
      async () => {
        const deleted = await barbican.call("DELETE", reference);
        assert.equal(deleted.status, 204, deleted.body.toString());
        assert.equal((await barbican.call("GET", reference)).status, 404);
        const last = (await server.auditRows()).at(-1);
        assert.deepEqual([last?.operation, last?.outcome], ["Destroy", "success"]);
      },
    );
  }
}

interface Order {
  readonly status: string;
  readonly secret_ref?: string;
  readonly container_ref?: string;
  readonly error_reason?: string;
}

async function order(barbican: Barbican, type: "key" | "asymmetric", meta: Record<string, unknown>): Promise<Order> {
  const json = { type, meta: { payload_content_type: binary, ...meta } };
  const { order_ref } = jsonOf<{ order_ref: string }>(await barbican.call("POST", "orders", { json }));
  const ordered = jsonOf<Order>(await barbican.call("GET", order_ref));
  assert.equal(ordered.status, "ACTIVE", ordered.error_reason);
  return ordered;
}

async function checkOrders({ checks }: SuiteContext, barbican: Barbican): Promise<void> {
  const lengths = [
    ["aes", 128],
    ["aes", 192],
    ["aes", 256],
    ["desede", 192],
  ] as const;
  for (const [algorithm, bits] of lengths) {
    await checks.check(`an order of a key ${algorithm} of ${bits} bits gives such a key`, async () => {
      const { secret_ref = "" } = await order(barbican, "key", { name: "key", algorithm, bit_length: bits });
      assert.equal((await payloadOf(barbican, secret_ref, binary)).length, bits / 8);
    });
  }
  for (const bits of [2048, 3072]) {
    await checks.check(
      `an order of an RSA pair of ${bits} bits gives halves that fit, made without usage masks`,
      async () => {
        const meta = { name: "pair", algorithm: "rsa", bit_length: bits };
        const { container_ref = "" } = await order(barbican, "asymmetric", meta);
        const container = jsonOf<{ secret_refs: { name: string; secret_ref: string }[] }>(
          await barbican.call("GET", container_ref),
        );
        const half = async (name: string): Promise<Buffer> => {
          const found = container.secret_refs.find((each) => each.name === name);
          assert.ok(found, `the container has a ${name}`);
          return payloadOf(barbican, found.secret_ref, binary);
        };
        const privateKey = createPrivateKey(await half("private_key"));
        const publicKey = createPublicKey(await half("public_key"));
        assert.equal(publicKey.asymmetricKeyDetails?.modulusLength, bits);
        const data = randomBytes(20);
        assert.ok(verify("sha256", data, publicKey, sign("sha256", data, privateKey)));
      },
    );
  }
}

async function run(context: SuiteContext): Promise<void> {
  const server = await context.startServer();
  const barbican = await startBarbican(context, server);
  await checkSecrets(context, server, barbican);
  await checkOrders(context, barbican);
  if (context.checks.results.some(({ passed }) => !passed)) context.progress(barbican.log().slice(-6000));
}

/** OpenStack's key manager with its KMIP secret store, behind its own API. */
export const barbicanSuite: InteropSuite = {
  name: "barbican",
  proves: "OpenStack's Barbican keeps secrets of all types here, and orders keys from here",
  speed: "slow",
  debianPackages: [
    { name: "python3-barbican", file: "/usr/lib/python3/dist-packages/barbican/plugin/kmip_secret_store.py" },
    { name: "python3-pykmip", file: "/usr/lib/python3/dist-packages/kmip/__init__.py" },
  ],
  run,
};
