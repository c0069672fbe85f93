import pkcs11js from "pkcs11js";
import type { TrialOutcome } from "../../profiles/probe-report.js";
import { mechanismInfo } from "../module-check.js";
import { CURVES } from "../templates.js";

const SESSION_FLAGS = pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION;

/** Where a token is tried: all objects are of the session that made them, and end with it. */
export class Bench {
  readonly module: pkcs11js.PKCS11;
  readonly slot: pkcs11js.Handle;
  /** Holds the login and the objects. */
  readonly session: pkcs11js.Handle;

  constructor(module: pkcs11js.PKCS11, slot: pkcs11js.Handle) {
    this.module = module;
    this.slot = slot;
    this.session = module.C_OpenSession(slot, SESSION_FLAGS);
  }

  /** Runs in a session of its own: one that saw a failure may be of no more use. */
  apart<Result>(run: (session: pkcs11js.Handle) => Result): Result {
    const session = this.module.C_OpenSession(this.slot, SESSION_FLAGS);
    try {
      return run(session);
    } finally {
      this.module.C_CloseSession(session);
    }
  }

  /** Whether the token names a mechanism. */
  has(mechanism: number): boolean {
    return mechanismInfo(this.module, this.slot, mechanism) !== null;
  }

  /** A secret key of the session from its value, which may be read again. */
  secret(keyType: number, value: Buffer, ...usages: readonly number[]): pkcs11js.Handle {
    return this.module.C_CreateObject(this.session, [
      ...secretTemplate(keyType),
      ...usages.map((type) => ({ type, value: true })),
      { type: pkcs11js.CKA_VALUE, value },
    ]);
  }

  /** A pair of the session on P-256, its halves with these attributes. */
  ecPair(privateHalf: pkcs11js.Template, publicHalf: pkcs11js.Template = []): pkcs11js.KeyPair {
    return this.module.C_GenerateKeyPair(
      this.session,
      { mechanism: pkcs11js.CKM_EC_KEY_PAIR_GEN },
      [
        { type: pkcs11js.CKA_TOKEN, value: false },
        { type: pkcs11js.CKA_EC_PARAMS, value: Buffer.from(CURVES["P-256"].parameters, "hex") },
        ...publicHalf,
      ],
      [{ type: pkcs11js.CKA_TOKEN, value: false }, ...privateHalf],
    );
  }
}

/** A secret key of the session whose value may be read. */
export function secretTemplate(keyType: number): pkcs11js.Template {
  return [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_SECRET_KEY },
    { type: pkcs11js.CKA_KEY_TYPE, value: keyType },
    { type: pkcs11js.CKA_TOKEN, value: false },
    { type: pkcs11js.CKA_PRIVATE, value: true },
    { type: pkcs11js.CKA_SENSITIVE, value: false },
    { type: pkcs11js.CKA_EXTRACTABLE, value: true },
  ];
}

/** What came of a trial. Errors other than the module's are the probe's own, and thrown. */
export function outcomeOf(run: () => TrialOutcome): TrialOutcome {
  try {
    return run();
  } catch (error) {
    if (error instanceof pkcs11js.Pkcs11Error) return { refused: error.message };
    throw error;
  }
}

/** Whether the module does something at all. */
export function does(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof pkcs11js.Pkcs11Error) return false;
    throw error;
  }
}
