import pkcs11js from "pkcs11js";
import type { Quirks } from "./quirks.js";

/** A mechanism that the engine cannot do without. */
export interface Requirement {
  readonly mechanism: number;
  readonly name: string;
  readonly purpose: string;
  /** Flags of the mechanism, all of which are needed (CKF_…). */
  readonly flags: number;
  /** Only for the server's own partition. */
  readonly rootOnly: boolean;
}

const { CKF_GENERATE, CKF_GENERATE_KEY_PAIR, CKF_SIGN, CKF_ENCRYPT, CKF_DECRYPT, CKF_WRAP, CKF_UNWRAP } = pkcs11js;

/** What every partition needs, and what the server's own one needs besides; all else is used where it is there. */
const REQUIREMENTS: readonly Requirement[] = [
  {
    mechanism: pkcs11js.CKM_AES_KEY_GEN,
    name: "CKM_AES_KEY_GEN",
    purpose: "to make the key-encryption key",
    flags: CKF_GENERATE,
    rootOnly: false,
  },
  {
    mechanism: pkcs11js.CKM_GENERIC_SECRET_KEY_GEN,
    name: "CKM_GENERIC_SECRET_KEY_GEN",
    purpose: "to make the keys that authenticate rows and vouch for the token",
    flags: CKF_GENERATE,
    rootOnly: false,
  },
  {
    mechanism: pkcs11js.CKM_SHA256_HMAC,
    name: "CKM_SHA256_HMAC",
    purpose: "to authenticate rows of the database",
    flags: CKF_SIGN,
    rootOnly: false,
  },
  {
    mechanism: pkcs11js.CKM_AES_GCM,
    name: "CKM_AES_GCM",
    purpose: "to seal the PINs of the tenants",
    flags: CKF_ENCRYPT | CKF_DECRYPT,
    rootOnly: true,
  },
  {
    mechanism: pkcs11js.CKM_EC_KEY_PAIR_GEN,
    name: "CKM_EC_KEY_PAIR_GEN",
    purpose: "to make the key that signs checkpoints of the audit trail",
    flags: CKF_GENERATE_KEY_PAIR,
    rootOnly: true,
  },
  {
    mechanism: pkcs11js.CKM_ECDSA,
    name: "CKM_ECDSA",
    purpose: "to sign checkpoints of the audit trail",
    flags: CKF_SIGN,
    rootOnly: true,
  },
];

/** What is needed of a module with these quirks, for the server's own partition (`root`) or that of a tenant. */
export function requirementsOf({ paddedWrapMechanism }: Quirks, root: boolean): readonly Requirement[] {
  const wrap: Requirement = {
    mechanism: paddedWrapMechanism ?? 0,
    name: "AES key wrap with padding (CKM_AES_KEY_WRAP_KWP, or what the profile names as paddedWrapMechanism)",
    purpose: "to keep keys wrapped in the database",
    flags: CKF_WRAP | CKF_UNWRAP,
    rootOnly: false,
  };
  return [...REQUIREMENTS, wrap].filter(({ rootOnly }) => root || !rootOnly);
}

/** Requirements that a module does not meet. `flagsOf` gives the flags of a mechanism; null where there is none. */
export function unmetRequirements(
  quirks: Quirks,
  root: boolean,
  flagsOf: (mechanism: number) => number | null,
): readonly Requirement[] {
  return requirementsOf(quirks, root).filter(({ mechanism, flags }) => {
    const present = mechanism === 0 ? null : flagsOf(mechanism);
    return present === null || (present & flags) !== flags;
  });
}
