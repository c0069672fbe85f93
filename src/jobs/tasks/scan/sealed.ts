import { secretsContext } from "#src/access/credentials.js";
import { CryptoError, type Partition } from "#src/crypto/port.js";
import { keyOfAuthority } from "#src/inventory/authorities.js";
import { isGenuineAuthority } from "#src/inventory/genuine.js";
import { destinationKeyContext, pinContext } from "#src/inventory/seal-contexts.js";
import { damageOf } from "../findings.js";
import { reportDamage } from "./damage.js";
import type { ScanRun } from "./position.js";

/** Checks the authorities of the tenant, and opens all that rests sealed for it: PINs, secrets, keys of destinations. */
export async function scanSealed(run: ScanRun, partition: Partition): Promise<void> {
  await scanAuthorities(run, partition);
  const { read } = run.surroundings.database;
  const tenant = await read.tenants.byId(run.tenantId);
  if (tenant !== null) await open(run, "the PIN of its token", tenant.sealedPin, pinContext(tenant.id));
  for (const { id, name, sealedKey } of await read.destinations.list(run.tenantId)) {
    await open(run, `the key shown to destination ${name}`, sealedKey, destinationKeyContext(id));
  }
  for (const client of await read.clients.list(run.tenantId)) {
    for (const { username, sealedSecrets } of await read.clients.credentials(run.tenantId, client.id)) {
      const context = secretsContext(run.tenantId, username);
      await open(run, `the credential ${username} of client ${client.name}`, sealedSecrets, context);
    }
  }
}

async function scanAuthorities(run: ScanRun, partition: Partition): Promise<void> {
  for (const row of await run.surroundings.database.read.certificateAuthorities.list(run.tenantId)) {
    const subject = `certification authority ${row.generation}`;
    if (!(await isGenuineAuthority(partition, row))) {
      const reason = "its row is not what this server wrote for this tenant and generation";
      reportDamage(run, subject, { reason, remedy: "row" });
    } else if (row.custody === "wrapped") {
      await proveAuthority(run, partition, subject, keyOfAuthority(row));
    }
  }
}

async function proveAuthority(
  run: ScanRun,
  partition: Partition,
  subject: string,
  key: ReturnType<typeof keyOfAuthority>,
): Promise<void> {
  try {
    await partition.proveKey(key);
  } catch (error) {
    const reason = damageOf(error);
    if (reason === null) throw error;
    reportDamage(run, subject, { reason, remedy: "wrappedKey" });
  }
}

async function open(run: ScanRun, subject: string, sealed: Uint8Array | null, context: string): Promise<void> {
  if (sealed === null) return;
  try {
    const plain = await run.surroundings.root.unseal(Buffer.from(sealed), context);
    plain.fill(0);
  } catch (error) {
    if (!(error instanceof CryptoError) || error.code !== "decryption-failed") throw error;
    const reason = "what is sealed does not open: it was altered, or is of another tenant or owner";
    reportDamage(run, subject, { reason, remedy: "sealed" });
  }
}
