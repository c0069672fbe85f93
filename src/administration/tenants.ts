import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Identities } from "#src/access/identities.js";
import type { Configuration } from "#src/config/configuration.js";
import type { HsmEngine } from "#src/crypto/pkcs11/engine.js";
import type { RootPartition } from "#src/crypto/port.js";
import { pinContext } from "#src/inventory/seal-contexts.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import type { StoredCustody, TenantRow, TenantState } from "#storage/types.js";
import { type Actor, administrationRecord } from "./audit-record.js";
import { AdministrationError, checkName } from "./errors.js";
import { makeFolder } from "./files.js";
import { moduleLocation, randomPin } from "./installation.js";
import {
  settingChanges,
  settingsSummary,
  type TenantConfiguration,
  type TenantSettingsSummary,
} from "./tenant-settings.js";
import { bindingSettings, type TokenBinding } from "./token-binding.js";

/** A tenant to be made. */
export interface NewTenant extends TenantConfiguration {
  readonly name: string;
  readonly custody?: StoredCustody;
  /** Without it, a SoftHSM token is made. */
  readonly token?: TokenBinding;
}

/** A tenant as operators see it. */
export interface TenantSummary extends TenantSettingsSummary {
  readonly id: string;
  readonly name: string;
  readonly state: TenantState;
  readonly custody: StoredCustody;
  readonly module: string;
  readonly tokenLabel: string;
  readonly tokenSerial: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** What the tenants' administration works with. */
export interface TenantsOptions {
  readonly database: Database;
  readonly engine: HsmEngine;
  readonly root: RootPartition;
  readonly identities: Identities;
  readonly configuration: Pick<Configuration, "hsm" | "objects">;
}

/** Makes, lists, configures, suspends and resumes tenants. Every change is audited in the same transaction. */
export class Tenants {
  private readonly options: TenantsOptions;

  constructor(options: TenantsOptions) {
    this.options = options;
  }

  /**
   * Makes a tenant with a partition of its own. The token is made first: a crash before the row is durable leaves a
   * token folder that no row names and nothing uses. Throws AdministrationError and CryptoError.
   */
  async create(actor: Actor, request: NewTenant): Promise<TenantSummary> {
    checkName("tenant", request.name);
    if ((await this.options.database.read.tenants.byName(request.name)) !== null) throw nameTaken(request.name);
    const id = randomUUID();
    const partition = await (request.token === undefined ? this.makeToken(id) : this.bindToken(request.token));
    const { userPin, securityOfficerPin, ...token } = partition;
    const now = Date.now();
    const row: TenantRow = {
      id,
      name: request.name,
      state: "active",
      custodyDefault: request.custody ?? this.options.configuration.objects.defaultCustody,
      ...token,
      sealedPin: await this.options.root.seal(userPin, pinContext(id)),
      sealedSoPin:
        securityOfficerPin === null
          ? null
          : await this.options.root.seal(securityOfficerPin, `security officer, ${pinContext(id)}`),
      createdAt: now,
      changedAt: now,
      settings: JSON.stringify(bindingSettings(request.token)),
    };
    userPin.fill(0);
    securityOfficerPin?.fill(0);
    const detail = { tenant: row.name, custody: row.custodyDefault, token: row.tokenLabel };
    await this.commit(request.name, [
      change("tenants", "create", row),
      ...settingChanges(id, request),
      change(
        "audit",
        "append",
        administrationRecord(actor, "Create Tenant", { tenantId: id, partition: row.name, detail }),
      ),
    ]);
    return this.summary(row);
  }

  /** All tenants by name. */
  async list(): Promise<readonly TenantSummary[]> {
    const rows = await this.options.database.read.tenants.list();
    return Promise.all(rows.map((row) => this.summary(row)));
  }

  /** One tenant. Throws AdministrationError `not-found`. */
  async show(name: string): Promise<TenantSummary> {
    return this.summary(await this.find(name));
  }

  /** Sets what a tenant does, from the next request on. Throws AdministrationError. */
  async configure(actor: Actor, name: string, configuration: TenantConfiguration): Promise<TenantSummary> {
    const row = await this.find(name);
    const rows = await this.options.database.read.tenantSettings.list(row.id);
    const changes = settingChanges(row.id, configuration, rows);
    if (changes.length === 0) throw new AdministrationError("invalid", "nothing is to be set");
    const inWords = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));
    const detail = Object.fromEntries(Object.entries(configuration).map(([key, value]) => [key, inWords(value)]));
    const record = administrationRecord(actor, "Configure Tenant", { tenantId: row.id, partition: name, detail });
    await this.commit(name, [...changes, change("audit", "append", record)]);
    await this.options.identities.changed();
    return this.summary(row);
  }

  /** Refuses all requests of a tenant's clients from now on, on open connections too. */
  suspend(actor: Actor, name: string): Promise<TenantSummary> {
    return this.setState(actor, name, "suspended", "Suspend Tenant");
  }

  /** Serves a suspended tenant again. */
  resume(actor: Actor, name: string): Promise<TenantSummary> {
    return this.setState(actor, name, "active", "Resume Tenant");
  }

  /** The row of a tenant by name. Throws AdministrationError `not-found`. */
  async find(name: string): Promise<TenantRow> {
    const row = await this.options.database.read.tenants.byName(name);
    if (row === null) throw new AdministrationError("not-found", `there is no tenant "${name}"`);
    return row;
  }

  private async setState(actor: Actor, name: string, state: TenantState, operation: string): Promise<TenantSummary> {
    const row = await this.find(name);
    if (row.state === state) throw new AdministrationError("wrong-state", `tenant "${name}" is ${state} already`);
    const changes = { state, changedAt: Date.now() };
    const record = administrationRecord(actor, operation, { tenantId: row.id, partition: name });
    await this.commit(name, [change("tenants", "update", row.id, changes), change("audit", "append", record)]);
    await this.options.identities.changed();
    return this.summary({ ...row, ...changes });
  }

  private async summary(row: TenantRow): Promise<TenantSummary> {
    return { ...facts(row), ...settingsSummary(await this.options.database.read.tenantSettings.list(row.id)) };
  }

  private async makeToken(id: string): Promise<TokenOfTenant> {
    const { engine, configuration } = this.options;
    if (configuration.hsm.rootToken !== undefined) {
      const message = "the server makes no tokens in the module of its own token; name the token to bind the tenant to";
      throw new AdministrationError("invalid", message);
    }
    const { module, directory } = configuration.hsm;
    await makeFolder(directory);
    const partitionFolder = `tenant-${id}`;
    const userPin = randomPin();
    const securityOfficerPin = randomPin();
    const label = `keyreeve-${id.slice(0, 8)}`;
    const folder = join(directory, partitionFolder);
    const location = moduleLocation(module, configuration);
    const name = await engine.initialiseToken({ module: location, folder, label, userPin, securityOfficerPin });
    return {
      partitionKind: "softhsm",
      module,
      tokenLabel: name.label,
      tokenSerial: name.serial,
      partitionFolder,
      userPin,
      securityOfficerPin,
    };
  }

  private async bindToken(binding: TokenBinding): Promise<TokenOfTenant> {
    const { engine, configuration } = this.options;
    const module = binding.module ?? configuration.hsm.module;
    const { label: tokenLabel, serial: tokenSerial = "", moduleParameters, pin } = binding;
    const name = await engine.bindToken({
      module: moduleLocation(module, configuration, moduleParameters),
      tokenLabel,
      tokenSerial,
      pin: async () => Buffer.from(pin),
    });
    return {
      partitionKind: "bound",
      module,
      tokenLabel: name.label,
      tokenSerial: name.serial,
      partitionFolder: null,
      userPin: pin,
      securityOfficerPin: null,
    };
  }

  private async commit(name: string, changes: Parameters<Database["commit"]>[0]): Promise<void> {
    try {
      await this.options.database.commit(changes);
    } catch (error) {
      if (error instanceof StorageError && error.constraint === "tenants.name") throw nameTaken(name);
      throw error;
    }
  }
}

type TokenOfTenant = Pick<TenantRow, "partitionKind" | "module" | "tokenLabel" | "tokenSerial" | "partitionFolder"> & {
  readonly userPin: Buffer;
  readonly securityOfficerPin: Buffer | null;
};

function nameTaken(name: string): AdministrationError {
  return new AdministrationError("exists", `there is a tenant "${name}" already`);
}

function facts(row: TenantRow): Omit<TenantSummary, keyof TenantSettingsSummary> {
  const { id, name, state, module, tokenLabel, tokenSerial } = row;
  const createdAt = new Date(row.createdAt).toISOString();
  return { id, name, state, custody: row.custodyDefault, module, tokenLabel, tokenSerial, createdAt };
}
