import { CryptographicUsageMask as Use } from "#protocol/enums/index.js";
import type { KeyUse } from "#src/objects/lifecycle.js";

/** Uses that apply protection (KMIP 2.1 §4.59, SP 800-57 part 1 §7.3). */
const protecting =
  Use.Sign |
  Use.Encrypt |
  Use.WrapKey |
  Use.MACGenerate |
  Use.DeriveKey |
  Use.ContentCommitment |
  Use.KeyAgreement |
  Use.CertificateSign |
  Use.CRLSign |
  Use.GenerateCryptogram |
  Use.TranslateEncrypt |
  Use.TranslateWrap |
  Use.Authenticate |
  Use.FPEEncrypt;

/** Uses that process what was protected before. */
const processing =
  Use.Verify |
  Use.Decrypt |
  Use.UnwrapKey |
  Use.MACVerify |
  Use.ValidateCryptogram |
  Use.TranslateDecrypt |
  Use.TranslateUnwrap |
  Use.FPEDecrypt;

/** The ways of using a key that a Cryptographic Usage Mask asks for or allows. */
export function usesOf(mask: number): readonly KeyUse[] {
  const uses: KeyUse[] = [];
  if ((mask & protecting) !== 0) uses.push("protect");
  if ((mask & processing) !== 0) uses.push("process");
  return uses;
}
