import { ObjectType } from "#protocol/enums/index.js";
import { chooseMac } from "#src/crypto/mechanisms/macs.js";
import { chooseSignature } from "#src/crypto/mechanisms/signatures.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { OperationContext } from "../contract/context.js";
import { keyOf } from "../cryptography/key.js";
import { allocateUsageOf } from "../cryptography/usage-limits.js";
import type { Wrapper } from "./encryption.js";

/** A MAC of bytes by a symmetric key, or their signature by a private key. Throws KmipError and CryptoError. */
export async function authenticateValue(
  context: OperationContext,
  { key, parameters }: Wrapper,
  value: Buffer,
): Promise<Buffer> {
  const { cryptography } = context;
  const usable = keyOf(key);
  allocateUsageOf(context, key, { bytes: value.length, objects: 1 });
  if (key.objectType === ObjectType.SymmetricKey) {
    return cryptography.mac(usable, chooseMac(usable, parameters), value);
  }
  const specification = chooseSignature(usable, parameters, { input: { kind: "data" }, purpose: "make" });
  return cryptography.sign(usable, specification, value);
}

/** Whether a MAC or signature is that of the bytes. Throws KmipError where there is none, and CryptoError. */
export async function isAuthentic(
  { cryptography }: OperationContext,
  { key, parameters }: Wrapper,
  signed: { readonly data: Buffer; readonly signature: Buffer | undefined },
): Promise<boolean> {
  const { data, signature } = signed;
  if (signature === undefined) throw new KmipError("InvalidField", "the Key Wrapping Data hold no MAC or signature");
  const usable = keyOf(key);
  const isMac = key.objectType === ObjectType.SymmetricKey;
  if (isMac) return cryptography.macVerify(usable, chooseMac(usable, parameters), data, signature);
  const specification = chooseSignature(usable, parameters, { input: { kind: "data" }, purpose: "check" });
  return cryptography.verify(usable, specification, { data, signature });
}
