import { createHash, createHmac, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { CredentialType } from "#protocol/enums/index.js";
import type { Credential, RequestHeader } from "#protocol/messages/header.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { NoSiblings } from "#src/siblings/alone.js";
import type { Siblings } from "#src/siblings/siblings.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import type { ClientCredentialRow, RegisteredClient } from "#storage/types.js";
import type { FoundClient } from "./caller.js";
import { type CredentialSecrets, checkHashedPassword, oneTimeSeconds, oneTimeStep } from "./credential-secrets.js";
import { deviceOf, deviceUsername } from "./device.js";
import { JointFailureLimit } from "./joint-failure-limit.js";
import { hashOfNothing, verifyPassword } from "./passwords.js";
import { type HeldTicket, Tickets } from "./tickets.js";

/** Who a request is from, after everything it shows was checked. */
export interface Authenticated {
  readonly found: FoundClient;
  /** The ticket it bears. */
  readonly ticket?: HeldTicket;
  /** The name its credential goes by, checked or, for clients without credentials here, only said. */
  readonly subject?: string;
  /** For the header of the answer (KMIP 2.1 §8.5). */
  readonly serverHashedPassword?: Buffer;
}

/** What the checking of credentials works with. */
export interface CredentialsOptions {
  readonly database: Database;
  /** Opens what is sealed at rest. */
  unseal(sealed: Buffer, context: string): Promise<Buffer>;
  /** Milliseconds since 1970. */
  wallMilliseconds(): number;
  /** Milliseconds of a clock that never steps back. */
  steadyMilliseconds(): number;
  /** The other processes in which passwords are tried; none where left out. */
  readonly siblings?: Siblings;
}

/** Failures a minute of one client or address, and for one name, before nothing more is checked. */
const failuresOfOne = 20;
const failuresOfName = 60;
/** Passwords that are checked at once; one more is refused, to be tried again. */
const mostChecks = 16;
/** How long a password that was right is not hashed again. */
const trustedMilliseconds = 60_000;
/** How far the time stamp of a Hashed Password may lie from the server's clock, in microseconds. */
const clockTolerance = 300_000_000n;

/** Under which context the secrets of a credential are sealed. */
export function secretsContext(tenantId: string, username: string): string {
  return `credential of ${tenantId}: ${username}`;
}

/**
 * Checks the KMIP Credentials of requests (KMIP 2.1 §9.11). A certificate comes first: with one, credentials only narrow
 * who is asking; without one, on listeners that allow it, they say who it is. A client that credentials are registered
 * for has to show one, or a ticket, with each request; credentials of clients that have none here are passed over.
 */
export class Credentials {
  readonly tickets: Tickets;
  private readonly options: CredentialsOptions;
  private readonly ofOne: JointFailureLimit;
  private readonly ofName: JointFailureLimit;
  private readonly cacheKey = randomBytes(32);
  private readonly nobody = hashOfNothing();
  private readonly right: LRUCache<string, true>;
  private readonly secrets: LRUCache<string, CredentialSecrets>;
  private checks = 0;

  constructor(options: CredentialsOptions) {
    this.options = options;
    this.tickets = new Tickets(options.database, options.wallMilliseconds);
    const { siblings = new NoSiblings(), steadyMilliseconds: now } = options;
    this.ofOne = new JointFailureLimit(siblings, "a client or an address", { allowed: failuresOfOne, now });
    this.ofName = new JointFailureLimit(siblings, "a name", { allowed: failuresOfName, now });
    const perf = { now: options.steadyMilliseconds };
    this.right = new LRUCache({ max: 10_000, ttl: trustedMilliseconds, perf });
    this.secrets = new LRUCache({ max: 10_000, ttl: trustedMilliseconds, perf });
  }

  /**
   * Says who a request is from; `tenant` is the one whose clients alone the listener serves. Throws KmipError where what it shows is
   * wrong or not enough.
   */
  async authenticate(
    header: RequestHeader,
    certified: FoundClient | null,
    address: string,
    tenant?: string,
  ): Promise<Authenticated> {
    const shown = (header.authentication?.credential ?? []).filter(
      ({ credentialType }) => credentialType !== CredentialType.Attestation,
    );
    if (shown.length === 0) return bare(certified);
    // Who has a certificate is held to account for itself: many clients, of other tenants too, share an address.
    const who = certified === null ? `address ${address}` : `client ${certified.client.id}`;
    if (this.ofOne.waitSeconds(who) > 0) throw tooMany();
    try {
      let known: Checked | undefined;
      for (const credential of shown) {
        const next = await this.check(credential, known?.found ?? certified, tenant);
        if (known !== undefined && known.found.client.id !== next.found.client.id) throw wrong();
        known = { ...known, ...next };
      }
      return proven(known ?? bare(certified));
    } catch (error) {
      if (error instanceof KmipError && !(error instanceof Busy)) await this.ofOne.failed(who);
      throw error;
    }
  }

  private check(credential: Credential, found: FoundClient | null, tenant: string | undefined): Promise<Checked> {
    const { credentialType: type, credentialValue: value } = credential;
    if (type === CredentialType.Ticket) return this.tickets.authenticate(value.ticket, found);
    const username = type === CredentialType.Device ? deviceUsername(deviceOf(value)) : value.username;
    if (username === undefined) throw new KmipError("InvalidMessage", "the credential names nobody");
    return this.checkNamed(credential, found === null ? nameIn(tenant, username) : username, found);
  }

  private async checkNamed(credential: Credential, username: string, found: FoundClient | null): Promise<Checked> {
    if (found !== null && found.credentials.length === 0) return { found, subject: username };
    const named = found === null ? await this.clientNamed(username) : rowOf(found, username);
    const limited = nameForLimit(found, named?.row.tenantId ?? "", username);
    if (this.ofName.waitSeconds(limited) > 0) throw tooMany();
    const answer = await (named === undefined ? this.proveNobody(credential) : this.prove(credential, named.row));
    if (named === undefined || answer === undefined) {
      await this.ofName.failed(limited);
      throw wrong();
    }
    return { found: named.found, subject: username, isProven: true, ...answer };
  }

  /** Without a certificate a Username is written TENANT/USERNAME; devices need a certificate. */
  private async clientNamed(
    name: string,
  ): Promise<{ readonly found: RegisteredClient; readonly row: ClientCredentialRow } | undefined> {
    const { read } = this.options.database;
    const border = name.indexOf("/");
    const tenant = border < 0 ? null : await read.tenants.byName(name.slice(0, border));
    if (tenant === null) return undefined;
    const row = await read.clients.credential(tenant.id, name.slice(border + 1));
    const found = row === null ? null : await read.clients.registered(tenant.id, row.clientId);
    return row === null || found === null ? undefined : { found, row };
  }

  private async prove(
    { credentialType: type, credentialValue: value }: Credential,
    row: ClientCredentialRow,
  ): Promise<Pick<Authenticated, "serverHashedPassword"> | undefined> {
    switch (type) {
      case CredentialType.UsernameAndPassword:
        return (await this.isRight(value.password, row)) && row.kind !== "one-time-password" ? {} : undefined;
      case CredentialType.Device:
        return (await this.isRight(value.password, row)) && row.kind === "device" ? {} : undefined;
      case CredentialType.OneTimePassword:
        return (await this.isRight(value.password, row)) && (await this.isRightOnce(value.oneTimePassword, row))
          ? {}
          : undefined;
      case CredentialType.HashedPassword:
        return row.kind === "one-time-password" ? undefined : this.checkHash(value, row);
      default:
        throw new KmipError("FeatureNotSupported", "credentials of this type are not checked here");
    }
  }

  /** A name that nobody has takes as long as a wrong password: the time of an answer does not tell which names exist. */
  private async proveNobody({ credentialValue }: Credential): Promise<undefined> {
    await this.isRight(credentialValue.password, { passwordHash: this.nobody });
  }

  /** Whether a password is right. What was right a moment ago is known by a keyed hash, without scrypt. */
  private async isRight(
    password: string | undefined,
    { passwordHash }: Pick<ClientCredentialRow, "passwordHash">,
  ): Promise<boolean> {
    if (password === undefined) return false;
    const key = createHmac("sha256", this.cacheKey).update(passwordHash).update("\0").update(password).digest("hex");
    if (this.right.get(key) === true) return true;
    if (this.checks >= mostChecks) throw new Busy();
    this.checks += 1;
    try {
      const isRight = await verifyPassword(password, passwordHash);
      if (isRight) this.right.set(key, true);
      return isRight;
    } finally {
      this.checks -= 1;
    }
  }

  private async isRightOnce(shown: string | undefined, row: ClientCredentialRow): Promise<boolean> {
    if (shown === undefined) return false;
    const seconds = this.options.wallMilliseconds() / 1000;
    const step = oneTimeStep(await this.secretsOf(row), shown, seconds);
    return step !== undefined && (await this.isFirst(row, step * oneTimeSeconds * 1_000_000));
  }

  private async checkHash(
    value: Credential["credentialValue"],
    row: ClientCredentialRow,
  ): Promise<Pick<Authenticated, "serverHashedPassword"> | undefined> {
    const { timeStamp, hashingAlgorithm, hashedPassword } = value;
    if (timeStamp === undefined || hashedPassword === undefined) {
      throw new KmipError("InvalidMessage", "a Hashed Password has a time stamp and a hash");
    }
    const distance = timeStamp - BigInt(Math.round(this.options.wallMilliseconds())) * 1000n;
    if (distance > clockTolerance || distance < -clockTolerance) return undefined;
    const secrets = await this.secretsOf(row);
    const serverHashedPassword = checkHashedPassword(secrets, { timeStamp, hashingAlgorithm, hashedPassword });
    if (serverHashedPassword === undefined) return undefined;
    return (await this.isFirst(row, Number(timeStamp))) ? { serverHashedPassword } : undefined;
  }

  /** Takes a time stamp or step, each once, on every node. */
  private async isFirst({ tenantId, username }: ClientCredentialRow, value: number): Promise<boolean> {
    try {
      await this.options.database.commit([change("clients", "useCredential", tenantId, username, value)]);
      return true;
    } catch (error) {
      if (error instanceof StorageError && error.code === "conflict") return false;
      throw error;
    }
  }

  private async secretsOf({ tenantId, username, sealedSecrets }: ClientCredentialRow): Promise<CredentialSecrets> {
    if (sealedSecrets === null) return { hashes: {} };
    const sealed = Buffer.from(sealedSecrets);
    const key = sealed.toString("base64");
    const known = this.secrets.get(key);
    if (known !== undefined) return known;
    const opened = await this.options.unseal(sealed, secretsContext(tenantId, username));
    const secrets = JSON.parse(opened.toString("utf8")) as CredentialSecrets;
    opened.fill(0);
    this.secrets.set(key, secrets);
    return secrets;
  }
}

/** What came of checking one credential, or several. */
interface Checked extends Authenticated {
  /** One was checked against what is registered. */
  readonly isProven?: true;
}

/** Nothing was checked, so nothing was wrong. */
class Busy extends KmipError {
  constructor() {
    super("GeneralFailure", "too many passwords are being checked; try again");
  }
}

/**
 * Under what failures for a name are counted, of one length whatever is sent. What fails without a certificate does not
 * keep out a client that has one.
 */
function nameForLimit(found: FoundClient | null, tenantId: string, username: string): string {
  const text = JSON.stringify([found === null, tenantId, username]);
  return createHash("sha256").update(text).digest("base64");
}

/** Where a listener serves one tenant, a Username needs no tenant before it. */
function nameIn(tenant: string | undefined, username: string): string {
  return tenant === undefined || username.startsWith(`${tenant}/`) ? username : `${tenant}/${username}`;
}

function rowOf(
  found: FoundClient,
  username: string,
): { readonly found: FoundClient; readonly row: ClientCredentialRow } | undefined {
  const row = found.credentials.find((each) => each.username === username);
  return row === undefined ? undefined : { found, row };
}

/** A request that shows nothing: enough for clients that have a certificate and no credentials. */
function bare(certified: FoundClient | null): Authenticated {
  if (certified === null)
    throw new KmipError("AuthenticationNotSuccessful", "the request shows neither certificate nor credential");
  return proven({ found: certified });
}

/** Throws where a client that has credentials has proven none of them. */
function proven({ isProven, ...answer }: Checked): Authenticated {
  if (answer.found.credentials.length === 0 || isProven === true || answer.ticket !== undefined) return answer;
  throw new KmipError("AuthenticationNotSuccessful", "the client has to show its credential with each request");
}

function wrong(): KmipError {
  return new KmipError("AuthenticationNotSuccessful", "the credential is not right");
}

function tooMany(): KmipError {
  return new KmipError("AuthenticationNotSuccessful", "too many wrong credentials; wait a minute");
}
