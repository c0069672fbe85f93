import pkcs11js from "pkcs11js";
import type { PartitionInformation } from "../../port.js";
import { fieldText } from "./fields.js";
import type { Token } from "./token.js";

/** Names of mechanisms that pkcs11js does not know (PKCS#11 3.0). */
const NEWER_MECHANISMS: readonly (readonly [number, string])[] = [
  [0x1055, "CKM_EC_EDWARDS_KEY_PAIR_GEN"],
  [0x1057, "CKM_EDDSA"],
  [0x210b, "CKM_AES_KEY_WRAP_KWP"],
];

const FLAGS: readonly (readonly [string, number])[] = [
  ["hardware", pkcs11js.CKF_HW],
  ["encrypt", pkcs11js.CKF_ENCRYPT],
  ["decrypt", pkcs11js.CKF_DECRYPT],
  ["digest", pkcs11js.CKF_DIGEST],
  ["sign", pkcs11js.CKF_SIGN],
  ["verify", pkcs11js.CKF_VERIFY],
  ["generate", pkcs11js.CKF_GENERATE],
  ["generate-pair", pkcs11js.CKF_GENERATE_KEY_PAIR],
  ["wrap", pkcs11js.CKF_WRAP],
  ["unwrap", pkcs11js.CKF_UNWRAP],
  ["derive", pkcs11js.CKF_DERIVE],
];

function mechanismNames(): Map<number, string> {
  const names = new Map<number, string>(NEWER_MECHANISMS);
  for (const [name, value] of Object.entries(pkcs11js)) {
    if (name.startsWith("CKM_") && typeof value === "number" && !names.has(value)) {
      names.set(value, name);
    }
  }
  return names;
}

/** What a module tells of itself. */
export function describeLibrary(
  module: pkcs11js.PKCS11,
): Pick<PartitionInformation, "manufacturer" | "moduleDescription" | "libraryVersion" | "cryptokiVersion"> {
  const library = module.C_GetInfo();
  return {
    moduleDescription: fieldText(library.libraryDescription),
    manufacturer: fieldText(library.manufacturerID),
    libraryVersion: `${library.libraryVersion.major}.${library.libraryVersion.minor}`,
    cryptokiVersion: `${library.cryptokiVersion.major}.${library.cryptokiVersion.minor}`,
  };
}

/** The mechanisms of a token. */
export function describeMechanisms(module: pkcs11js.PKCS11, slot: pkcs11js.Handle): PartitionInformation["mechanisms"] {
  const names = mechanismNames();
  return module.C_GetMechanismList(slot).map((code) => {
    const mechanism = module.C_GetMechanismInfo(slot, code);
    return {
      code,
      name: names.get(code) ?? `0x${code.toString(16)}`,
      minimumKeySize: mechanism.minKeySize,
      maximumKeySize: mechanism.maxKeySize,
      flags: FLAGS.filter(([, bit]) => (mechanism.flags & bit) !== 0).map(([name]) => name),
    };
  });
}

/** What a token is and can do. */
export function describeToken(token: Token): PartitionInformation {
  const { module, slot } = token;
  const information = module.C_GetTokenInfo(slot);
  return {
    ...describeLibrary(module),
    tokenLabel: fieldText(information.label),
    tokenSerial: fieldText(information.serialNumber),
    tokenModel: fieldText(information.model),
    profile: token.profile,
    mechanisms: describeMechanisms(module, slot),
  };
}
