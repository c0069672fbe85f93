import { PROFILE_FORMAT, PROFILE_VERSION, type Profile } from "./profile.js";
import { STANDARD } from "./quirks.js";

/** The profiles of the modules that the tests run on. */
export const SHIPPED: readonly Profile[] = [
  {
    format: PROFILE_FORMAT,
    version: PROFILE_VERSION,
    name: "softhsm",
    manufacturer: "SoftHSM",
    libraryVersions: [],
    quirks: {
      ...STANDARD,
      // CKM_AES_KEY_WRAP_PAD, which other modules mean otherwise.
      paddedWrapMechanism: 0x210a,
      padsWithZeros: true,
      keepsFiles: true,
      plainOaepOnly: true,
      pssMaskFollowsHash: true,
      unwrapsModifiableOnly: true,
      refusesEmptyPart: true,
    },
  },
  {
    format: PROFILE_FORMAT,
    version: PROFILE_VERSION,
    name: "nss",
    manufacturer: "Mozilla Foundation",
    libraryVersions: [],
    // CKA_NSS_DB (NSS, pkcs11n.h).
    quirks: { ...STANDARD, gcmInParts: false, longestSecret: 256, ecUnwrapAttribute: 0xd5a0db00 },
  },
];
