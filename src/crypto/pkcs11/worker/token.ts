import pkcs11js from "pkcs11js";
import type { CryptoError, KeyClass } from "../../port.js";
import type { TokenName } from "../messages.js";
import { PARTITION_KEYS } from "../partition-keys.js";
import type { Profile } from "../profiles/profile.js";
import type { UsableQuirks } from "../profiles/quirks.js";
import { failureKindOf, returnValueOf, WorkerFailure } from "./errors.js";
import { explainFailure, type UnexplainedCode } from "./explain.js";
import { findSlot } from "./loading.js";
import { logIn } from "./login.js";
import { mechanismInfo, usableProfile } from "./module-check.js";
import { type Repeating, Sessions } from "./sessions.js";
import { objectClass } from "./templates.js";

const FIND_CHUNK = 64;

/** How long a found canary vouches for the token when an operation failed without a reason, in milliseconds. */
const CANARY_TRUST = 1000;

/** One logged-in token: an idle session that holds the login and the session objects, and a second one for operations. */
export class Token {
  readonly module: pkcs11js.PKCS11;
  readonly slot: pkcs11js.Handle;
  readonly quirks: UsableQuirks;
  /** Name of the profile that the quirks are of. */
  readonly profile: string;
  readonly #sessions: Sessions;
  #canarySeen = 0;
  #touch: () => void = () => undefined;

  /** Opens the token of that name and logs in: exactly once in the life of a process. */
  constructor(
    module: pkcs11js.PKCS11,
    name: TokenName,
    login: {
      readonly pin: Buffer;
      readonly refusedBefore: boolean;
      readonly profile: Profile | undefined;
      readonly root: boolean;
    },
  ) {
    const slot = findSlot(module, name);
    if (slot === null) {
      throw new WorkerFailure("unavailable", `no token labelled "${name.label}" with serial number ${name.serial}`, {
        restart: true,
        fault: "token-missing",
      });
    }
    this.module = module;
    this.slot = slot;
    const { name: profile, quirks } = usableProfile(module, slot, login);
    this.profile = profile;
    this.quirks = quirks;
    this.#sessions = new Sessions(module, slot);
    logIn(module, slot, this.keeperSession, login);
  }

  /** The session that holds the login and the session objects. */
  get keeperSession(): pkcs11js.Handle {
    return this.#sessions.keeper;
  }

  /** A session of its own for an operation in parts; the caller closes it. */
  openSession(): pkcs11js.Handle {
    return this.#sessions.open();
  }

  /** Closes a session. Throws `unavailable` and asks for a new worker where that fails. */
  closeSession(session: pkcs11js.Handle): void {
    this.#sessions.close(session);
  }

  /** Whether the token still knows the login. */
  get loggedIn(): boolean {
    return this.#sessions.loggedIn;
  }

  /** Runs an operation that does no harm twice, and runs it once more in a new session where that may help. */
  operate<Result>(run: (session: pkcs11js.Handle) => Result, repeating: Repeating = "unexplained-failures"): Result {
    return this.#sessions.operate(run, repeating);
  }

  /** Feeds data to an operation that was begun, in one part or, where the module takes no empty part, in none. */
  #parts<Result>(data: Buffer, one: () => Result, none: () => Result): Result {
    return data.length === 0 && this.quirks.refusesEmptyPart ? none() : one();
  }

  /** Encrypts all data; the output is a view into `output`. */
  encrypt(session: pkcs11js.Handle, mechanism: pkcs11js.Mechanism, key: pkcs11js.Handle, data: Buffer, output: Buffer) {
    const { module } = this;
    module.C_EncryptInit(session, mechanism, key);
    return this.#parts(
      data,
      () => module.C_Encrypt(session, data, output),
      () => module.C_EncryptFinal(session, output),
    );
  }

  /** Decrypts all data; the output is a view into `output`. */
  decrypt(session: pkcs11js.Handle, mechanism: pkcs11js.Mechanism, key: pkcs11js.Handle, data: Buffer, output: Buffer) {
    const { module } = this;
    module.C_DecryptInit(session, mechanism, key);
    return this.#parts(
      data,
      () => module.C_Decrypt(session, data, output),
      () => module.C_DecryptFinal(session, output),
    );
  }

  /** Signs (or authenticates) all data; the output is a view into `output`. */
  sign(session: pkcs11js.Handle, mechanism: pkcs11js.Mechanism, key: pkcs11js.Handle, data: Buffer, output: Buffer) {
    const { module } = this;
    module.C_SignInit(session, mechanism, key);
    return this.#parts(
      data,
      () => module.C_Sign(session, data, output),
      () => module.C_SignFinal(session, output),
    );
  }

  /** Whether a signature is that of the data. */
  verify(
    session: pkcs11js.Handle,
    mechanism: pkcs11js.Mechanism,
    key: pkcs11js.Handle,
    data: Buffer,
    signature: Buffer,
  ): boolean {
    const { module } = this;
    module.C_VerifyInit(session, mechanism, key);
    try {
      this.#parts(
        data,
        () => module.C_Verify(session, data, signature),
        () => module.C_VerifyFinal(session, signature),
      );
      return true;
    } catch (error) {
      const value = returnValueOf(error);
      if (value === pkcs11js.CKR_SIGNATURE_INVALID || value === pkcs11js.CKR_SIGNATURE_LEN_RANGE) {
        return false;
      }
      throw error;
    }
  }

  /** Digests all data; the output is a view into `output`. */
  digest(session: pkcs11js.Handle, mechanism: number, data: Buffer, output: Buffer): Buffer {
    const { module } = this;
    module.C_DigestInit(session, { mechanism });
    return this.#parts(
      data,
      () => module.C_Digest(session, data, output),
      () => module.C_DigestFinal(session, output),
    );
  }

  /** All objects that match a template. */
  find(template: pkcs11js.Template): pkcs11js.Handle[] {
    const found: pkcs11js.Handle[] = [];
    this.module.C_FindObjectsInit(this.keeperSession, template);
    try {
      let chunk = this.module.C_FindObjects(this.keeperSession, FIND_CHUNK);
      while (chunk.length > 0) {
        found.push(...chunk);
        chunk = this.module.C_FindObjects(this.keeperSession, FIND_CHUNK);
      }
    } finally {
      this.module.C_FindObjectsFinal(this.keeperSession);
    }
    return found;
  }

  /** Values of attributes, in the order asked for. */
  attributes(handle: pkcs11js.Handle, types: readonly number[]): Buffer[] {
    const values = this.module.C_GetAttributeValue(
      this.keeperSession,
      handle,
      types.map((type) => ({ type })),
    );
    return values.map((attribute) => attribute.value);
  }

  /** Removes an object of the token or of the session. */
  destroy(handle: pkcs11js.Handle): void {
    this.module.C_DestroyObject(this.keeperSession, handle);
  }

  /** A key object of the token by its identifier; null where there is none. */
  findKey(tokenId: Buffer, keyClass: KeyClass): pkcs11js.Handle | null {
    const found = this.find([
      { type: pkcs11js.CKA_CLASS, value: objectClass(keyClass) },
      { type: pkcs11js.CKA_ID, value: tokenId },
      { type: pkcs11js.CKA_TOKEN, value: true },
    ]);
    return found[0] ?? null;
  }

  /** The same, looked for with care: null is given only while the canary is found, and where a second look finds nothing. */
  findStoredKey(tokenId: Buffer, keyClass: KeyClass): pkcs11js.Handle | null {
    const handle = this.findKey(tokenId, keyClass);
    if (handle !== null) return handle;
    this.checkCanary();
    this.lookAnew();
    return this.findKey(tokenId, keyClass);
  }

  /** A key of the token, which must be there: `key-missing` (or `unavailable` where the canary is gone as well). */
  requireKey(tokenId: Buffer, keyClass: KeyClass): pkcs11js.Handle {
    const handle = this.findStoredKey(tokenId, keyClass);
    if (handle === null) {
      throw new WorkerFailure("key-missing", "the key is not in the token, although its canary is");
    }
    return handle;
  }

  /** Destroys a session object; one that is gone already is fine. */
  discard(handle: pkcs11js.Handle): void {
    try {
      this.destroy(handle);
    } catch (error) {
      if (failureKindOf(error) !== "stale-handle") {
        throw error;
      }
    }
  }

  /** Runs with a session object and destroys it afterwards. */
  briefly<Result>(handle: pkcs11js.Handle, run: (handle: pkcs11js.Handle) => Result): Result {
    try {
      return run(handle);
    } finally {
      this.discard(handle);
    }
  }

  /** Throws `unavailable` and asks for a new worker when the canary key is not found: then nothing else counts as missing. */
  checkCanary(): void {
    const canary = PARTITION_KEYS.canary;
    if (this.find([{ type: pkcs11js.CKA_ID, value: canary.tokenId }]).length === 0) {
      this.#canarySeen = 0;
      const fault = this.loggedIn ? "token-missing" : "login-lost";
      throw new WorkerFailure("unavailable", "the canary key of the partition is not found", { restart: true, fault });
    }
    this.#canarySeen = performance.now();
  }

  /** Tells by what the module is made to look anew at all that is stored. */
  lookAnewBy(touch: () => void): void {
    this.#touch = touch;
  }

  /**
   * Has the module look anew, where there is a way to: SoftHSM overlooks what another process made at the moment in
   * which this one wrote itself. To be called before something counts as missing.
   */
  lookAnew(): void {
    this.#touch();
  }

  /** The failure to report for an error of an operation. `general` is the code for what the module does not explain. */
  explain(error: unknown, general: UnexplainedCode): CryptoError {
    return explainFailure(this, error, general);
  }

  /** Throws as `checkCanary` does where nothing has vouched for the token lately. */
  checkCanaryLately(): void {
    if (performance.now() - this.#canarySeen > CANARY_TRUST) this.checkCanary();
  }

  /** The mechanism's information, or null where the token lacks it. */
  mechanism(type: number): pkcs11js.MechanismInfo | null {
    return mechanismInfo(this.module, this.slot, type);
  }
}
