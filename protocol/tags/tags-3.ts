import { V3_0 } from "../versions.js";
import type { TagRows } from "./row.js";

/** The tags of 3.0 that this program reads and writes, in the order of their numbers; others are not known here. */
export const tagRows3 = {
  CertificateLink: [0x420190, "Certificate Link", V3_0],
  ChildLink: [0x420191, "Child Link", V3_0],
  DerivationObjectLink: [0x420192, "Derivation Object Link", V3_0],
  DerivedObjectLink: [0x420193, "Derived Object Link", V3_0],
  NextLink: [0x420194, "Next Link", V3_0],
  ParentLink: [0x420195, "Parent Link", V3_0],
  PKCS_12CertificateLink: [0x420196, "PKCS#12 Certificate Link", V3_0],
  PKCS_12PasswordLink: [0x420197, "PKCS#12 Password Link", V3_0],
  PreviousLink: [0x420198, "Previous Link", V3_0],
  PrivateKeyLink: [0x420199, "Private Key Link", V3_0],
  PublicKeyLink: [0x42019a, "Public Key Link", V3_0],
  ReplacedObjectLink: [0x42019b, "Replaced Object Link", V3_0],
  ReplacementObjectLink: [0x42019c, "Replacement Object Link", V3_0],
  WrappingKeyLink: [0x42019d, "Wrapping Key Link", V3_0],
  ObjectClass: [0x42019e, "Object Class", V3_0],
  GroupLink: [0x4201b3, "Group Link", V3_0],
} as const satisfies TagRows;
