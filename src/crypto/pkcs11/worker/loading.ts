import pkcs11js from "pkcs11js";
import type { ModuleLocation, TokenName } from "../messages.js";
import { fieldText } from "./fields.js";

/** Loads and initialises a module. A module that does its own locking is asked for, although one thread calls it. */
export function loadModule(location: ModuleLocation): pkcs11js.PKCS11 {
  const module = new pkcs11js.PKCS11();
  module.load(location.path);
  const parameters = location.parameters === undefined ? {} : { libraryParameters: location.parameters };
  module.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK, ...parameters });
  return module;
}

/** The slot of an initialised token, by its label and serial number; an empty serial number matches any. */
export function findSlot(module: pkcs11js.PKCS11, name: TokenName): pkcs11js.Handle | null {
  return findSlots(module, name)[0] ?? null;
}

/** All slots with such a token. */
export function findSlots(module: pkcs11js.PKCS11, name: TokenName): pkcs11js.Handle[] {
  return module.C_GetSlotList(true).filter((slot) => {
    const token = module.C_GetTokenInfo(slot);
    const labelled = fieldText(token.label) === name.label;
    return labelled && (name.serial === "" || fieldText(token.serialNumber) === name.serial);
  });
}
