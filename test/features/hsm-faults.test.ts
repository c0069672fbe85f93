import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { BlockCipherMode, Operation, PaddingMethod, ResultReason, ResultStatus } from "#protocol/enums/index.js";
import { type ProtocolVersion, V1_2, V2_1 } from "#protocol/versions.js";
import { localActor } from "#src/administration/audit-record.js";
import { eventOperation } from "#src/audit/events/fold.js";
import type { EventKind } from "#src/audit/events/table.js";
import type { FaultName } from "#src/crypto/pkcs11/faults.js";
import { startWithAdmin } from "#test/support/admin.js";
import { actionsOf, aesKey } from "#test/support/kmip-actions.js";
import { KmipClient } from "#test/support/kmip-client.js";
import { ask, named } from "#test/support/kmip-client-messages.js";
import { buildShim, Pkcs11Shim, type ShimRule } from "#test/support/pkcs11-shim.js";
import { clientFolder, readIdentity, runKeyreeve } from "#test/support/server.js";
import { SOFTHSM_MODULE } from "#test/support/softhsm.js";

t.setTimeout(550_000);

process.env["PKCS11_SHIM_MODULE"] = SOFTHSM_MODULE;
const configuration = join(t.testdir(), "keyreeve.yaml");
writeFileSync(configuration, "hsm:\n  environment: [PKCS11_SHIM_MODULE]\nlog:\n  level: silent\n");
const server = await startWithAdmin({ KEYREEVE_CONFIG: configuration, KEYREEVE_HSM_MODULE: await buildShim() });
const { tenants, clients, partitions, database } = server.runtime;

/** A tenant with a client that is connected, an active key, and a module that fails on command. */
async function makeTenant(name: string, custody: "token" | "wrapped") {
  const { id } = await tenants.create(localActor, { name, custody });
  await clients.issue(localActor, { tenant: name, name: "client" });
  const identity = readIdentity(clientFolder(server.home, name, "client"));
  const client = await KmipClient.connect({ port: server.kmipPort, identity });
  const { create, activate } = actionsOf(client, V2_1);
  const key = await create();
  await activate(key);
  const folder = readdirSync(join(server.home, "hsm")).find((entry) => entry.includes(id)) ?? "";
  const shim = await Pkcs11Shim.ofPartition(join(server.home, "hsm", folder));
  return { name, id, client, key, shim };
}

type FaultyTenant = Awaited<ReturnType<typeof makeTenant>>;

const faulty = await makeTenant("faulty", "token");
const wrapping = await makeTenant("wrapping", "wrapped");
const other = await makeTenant("other", "token");

t.teardown(async () => {
  for (const { client } of [faulty, wrapping, other]) await client.close();
  await server.end();
});

const cryptographicParameters = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };

function encryptAs({ client, key }: FaultyTenant, version: ProtocolVersion) {
  const payload = { uniqueIdentifier: named(key), cryptographicParameters, data: Buffer.from("secret") };
  return ask(client, version, { operation: Operation.Encrypt, payload });
}

type Scenario = {
  readonly what: string;
  readonly rules: readonly ShimRule[];
  /** Encrypt where absent. */
  readonly operation?: "create";
  /** Whose token fails. */
  readonly tenant?: FaultyTenant;
  /** What 2.1 and 1.2 call it; absent where the client notices nothing. */
  readonly reasons?: readonly [number, number];
  readonly fault: FaultName;
  readonly event: EventKind;
};

const { CryptographicFailure, GeneralFailure, InternalServerError, InvalidField, ServerLimitExceeded } = ResultReason;
const unavailable = [InternalServerError, GeneralFailure] as const;
const failure = [CryptographicFailure, CryptographicFailure] as const;

const once = (target: ShimRule["target"], action: ShimRule["action"], value = 0): ShimRule => {
  return { target, action, value, times: 1 };
};

const scenarios: readonly Scenario[] = [
  {
    what: "a lost session",
    rules: [once("C_EncryptInit", "return", 0xb3)],
    fault: "session-lost",
    event: "session-lost",
  },
  {
    what: "a poisoned session",
    rules: [once("C_EncryptInit", "return", 0x90)],
    fault: "session-poisoned",
    event: "session-lost",
  },
  {
    what: "the loss of all sessions",
    rules: [once("C_EncryptInit", "drop")],
    fault: "session-lost",
    event: "session-lost",
  },
  { what: "a lost login", rules: [once("C_EncryptInit", "logout")], fault: "login-lost", event: "login-lost" },
  {
    what: "a device error that passes",
    rules: [once("C_Encrypt", "return", 0x30)],
    fault: "device-error",
    event: "device-error",
  },
  {
    what: "a crash of the module",
    rules: [once("C_Encrypt", "crash")],
    fault: "worker-crashed",
    event: "worker-crashed",
  },
  { what: "a hang of the module", rules: [once("C_Encrypt", "hang")], fault: "worker-hung", event: "worker-hung" },
  {
    what: "a device error that stays",
    rules: [{ target: "C_Encrypt", action: "return", value: 0x05 }],
    reasons: failure,
    fault: "device-error",
    event: "device-error",
  },
  {
    what: "a missing mechanism",
    rules: [{ target: "any", action: "hide", value: 0x1085 }],
    reasons: [ResultReason.UnsupportedCryptographicParameters, InvalidField],
    fault: "mechanism-missing",
    event: "mechanism-missing",
  },
  {
    what: "a token without free sessions",
    rules: [
      { target: "C_EncryptInit", action: "return", value: 0xb3 },
      { target: "C_OpenSession", action: "limit", value: 1 },
    ],
    reasons: [ServerLimitExceeded, GeneralFailure],
    fault: "sessions-exhausted",
    event: "partition-overloaded",
  },
  {
    what: "a full token",
    operation: "create",
    rules: [{ target: "C_GenerateKey", action: "return", value: 0x31 }],
    reasons: [ServerLimitExceeded, GeneralFailure],
    fault: "token-full",
    event: "token-full",
  },
  {
    what: "a key that was acknowledged and not written",
    operation: "create",
    rules: [{ target: "C_GenerateKey", action: "lie" }],
    reasons: failure,
    fault: "key-not-written",
    event: "key-not-written",
  },
  {
    what: "a wrapped key that does not open",
    tenant: wrapping,
    rules: [{ target: "C_UnwrapKey", action: "return", value: 0x05 }],
    reasons: unavailable,
    fault: "key-damaged",
    event: "key-damaged",
  },
  {
    what: "a token that is not there",
    rules: [{ target: "any", action: "absent" }],
    reasons: unavailable,
    fault: "token-missing",
    event: "token-missing",
  },
];

async function perform({ operation, tenant = faulty }: Scenario, version: ProtocolVersion) {
  if (operation === "create") return ask(tenant.client, version, { operation: Operation.Create, payload: aesKey() });
  return encryptAs(tenant, version);
}

async function untilServed(scenario: Scenario, version: ProtocolVersion): Promise<void> {
  while ((await perform(scenario, version)).status !== ResultStatus.Success) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

for (const scenario of scenarios) {
  const outcome = scenario.reasons === undefined ? "is not noticed by the client" : "has its reason in each version";
  t.test(`${scenario.what} ${outcome}, costs no other tenant anything, and passes without a restart`, async (t) => {
    const { tenant = faulty } = scenario;
    const { shim } = tenant;
    const versions = scenario.reasons === undefined ? [V2_1] : [V2_1, V1_2];
    for (const [index, version] of versions.entries()) {
      await (await partitions.of(tenant.id)).forget(tenant.key);
      await shim.follow(...scenario.rules);
      const answer = perform(scenario, version);
      const meanwhile = await encryptAs(other, version);
      t.equal(meanwhile.status, ResultStatus.Success, "the other tenant is served");
      t.equal((await answer).reason, scenario.reasons?.[index]);
      await shim.follow();
      await untilServed(scenario, version);
    }
    t.ok(await hasEvent(tenant.id, scenario.event), `${scenario.event} is in the tenant's audit`);
  });
}

t.test("faults, repetitions, replaced workers and refused calls are counted", async (t) => {
  const { text } = await server.metrics.exposition();
  for (const { fault, tenant = faulty } of scenarios) {
    t.match(text, `keyreeve_hsm_faults_total{partition="${tenant.id}",fault="${fault}"}`);
  }
  for (const cause of ["crashed", "hung", "fault", "not-opened"]) {
    t.match(text, `keyreeve_hsm_worker_restarts_total{partition="${faulty.id}",cause="${cause}"}`);
  }
  for (const by of ["session", "worker"]) {
    t.match(text, `keyreeve_hsm_retries_total{partition="${faulty.id}",by="${by}"}`);
  }
  t.match(text, `keyreeve_hsm_circuit_open{partition="${faulty.id}"} 0`);
  t.match(text, `keyreeve_hsm_partition_healthy{partition="${other.id}"} 1`);
  t.notMatch(text, `keyreeve_hsm_faults_total{partition="${other.id}"`, "the other tenant met none");
});

t.test("operators list events by their tenant, and each names its kind", async (t) => {
  const environment = { KEYREEVE_CONFIG: configuration, KEYREEVE_ADMIN_PORT: String(server.adminPort) };
  const list = (...more: string[]) => runKeyreeve(server.home, ["audit", "list", "--events", ...more], environment);
  const listed = await list("--tenant", faulty.name);
  t.equal(listed.code, 0, listed.stderr);
  for (const { event, tenant = faulty } of scenarios) t.equal(listed.stdout.includes(event), tenant === faulty, event);
  t.notMatch(listed.stdout, "Encrypt");
  t.same(await events(other.id), [], "none of them is another tenant's");
});

async function events(tenantId: string): Promise<readonly string[]> {
  const rows = await database.read.audit.list({ tenantId, operation: eventOperation }, 1000);
  return rows.map(({ resultReason }) => resultReason ?? "");
}

async function hasEvent(tenantId: string, event: string): Promise<boolean> {
  for (let look = 0; look < 100; look += 1) {
    if ((await events(tenantId)).includes(event)) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
