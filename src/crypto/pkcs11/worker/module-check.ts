import pkcs11js from "pkcs11js";
import { profileFor } from "../profiles/choosing.js";
import type { Profile } from "../profiles/profile.js";
import type { UsableQuirks } from "../profiles/quirks.js";
import { unmetRequirements } from "../profiles/requirements.js";
import { returnValueOf, WorkerFailure } from "./errors.js";
import { fieldText } from "./fields.js";

/** The profile that the engine uses for a loaded module. */
export function profileOf(module: pkcs11js.PKCS11, given: Profile | undefined): ReturnType<typeof profileFor> {
  const { manufacturerID, libraryVersion } = module.C_GetInfo();
  const library = {
    manufacturer: fieldText(manufacturerID),
    libraryVersion: `${libraryVersion.major}.${libraryVersion.minor}`,
  };
  return profileFor(library, given);
}

/** Information of a mechanism; null where the token lacks it. */
export function mechanismInfo(
  module: pkcs11js.PKCS11,
  slot: pkcs11js.Handle,
  mechanism: number,
): pkcs11js.MechanismInfo | null {
  try {
    return module.C_GetMechanismInfo(slot, mechanism);
  } catch (error) {
    if (returnValueOf(error) === pkcs11js.CKR_MECHANISM_INVALID) return null;
    throw error;
  }
}

/** The profile of a token whose module has all that the engine cannot do without. Throws `unsupported`, naming the rest. */
export function usableProfile(
  module: pkcs11js.PKCS11,
  slot: pkcs11js.Handle,
  { profile, root }: { readonly profile: Profile | undefined; readonly root: boolean },
): { readonly name: string; readonly quirks: UsableQuirks } {
  const { name, quirks } = profileOf(module, profile);
  const flagsOf = (mechanism: number): number | null => mechanismInfo(module, slot, mechanism)?.flags ?? null;
  const { paddedWrapMechanism } = quirks;
  const unmet = unmetRequirements(quirks, root, flagsOf);
  if (paddedWrapMechanism === null || unmet.length > 0) {
    const lacking = unmet.map((each) => `${each.name} ${each.purpose}`).join("; ");
    const message = `the token lacks what the server needs, by the profile "${name}": ${lacking}`;
    throw new WorkerFailure("unsupported", message, { restart: true, fault: "mechanism-missing" });
  }
  return { name, quirks: { ...quirks, paddedWrapMechanism } };
}
