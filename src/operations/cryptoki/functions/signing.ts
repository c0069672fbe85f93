import { attributes } from "#protocol/attributes/definitions.js";
import { ObjectType, ValidityIndicator } from "#protocol/enums/index.js";
import type { MacResponse } from "#protocol/payloads/mac.js";
import type { MacVerifyResponse } from "#protocol/payloads/mac-verify.js";
import type { SignResponse } from "#protocol/payloads/sign.js";
import type { SignatureVerifyResponse } from "#protocol/payloads/signature-verify.js";
import type { Operation } from "../../contract/operation.js";
import { mac } from "../../mac.js";
import { macVerify } from "../../mac-verify.js";
import { sign } from "../../sign.js";
import { signatureVerify } from "../../signature-verify.js";
import type { Call } from "../call.js";
import { KeyKind } from "../constants.js";
import type { Mechanism } from "../mechanisms.js";
import { keyKindOf } from "../object-view.js";
import { type Answer, Refusal } from "../outcome.js";
import type { ActiveOperation } from "../session.js";
import { derSignature, rawSignature, readDigestInfo } from "../signature-forms.js";
import { keyOf } from "./ciphering.js";
import { activeOperation, type Computing, named, type Starting } from "./parts.js";

/** The operation for a mechanism: message authentication codes are MAC and MAC Verify, all else are signatures. */
async function checkedBy(
  call: Call,
  { input }: Mechanism,
  keyId: string,
  [ofMac, ofSignature, objectType]: readonly [Operation, Operation, number],
): Promise<Operation> {
  const object = await call.find(keyId);
  const wanted = input === "mac" ? ObjectType.SymmetricKey : objectType;
  if (object !== undefined && object.objectType !== wanted) throw new Refusal("KEY_TYPE_INCONSISTENT");
  return input === "mac" ? ofMac : ofSignature;
}

/** C_Sign and its kin. */
export const signing: Starting & Computing = {
  kind: "sign",
  checkedBy: (call, mechanism, keyId) => checkedBy(call, mechanism, keyId, [mac, sign, ObjectType.PrivateKey]),
  async compute(call, operation, data) {
    const id = keyOf(operation);
    const request = requestFor(operation, data);
    if (operation.mechanism.input === "mac") {
      const { macData } = await call.perform<MacResponse>(mac, request, id);
      return macData ?? Buffer.alloc(0);
    }
    const { signatureData } = await call.perform<SignResponse>(sign, request, id);
    const length = await orderLength(call, id);
    const signature = signatureData ?? Buffer.alloc(0);
    return length === undefined ? signature : rawSignature(signature, length);
  },
};

/** C_VerifyInit. */
export const verifying: Starting = {
  kind: "verify",
  checkedBy: (call, mechanism, keyId) =>
    checkedBy(call, mechanism, keyId, [macVerify, signatureVerify, ObjectType.PublicKey]),
};

/** C_Verify. */
export async function verifyWhole(call: Call): Promise<Answer> {
  const session = call.session();
  const data = Buffer.from(call.input.counted());
  const signature = Buffer.from(call.input.counted());
  call.input.end();
  const operation = activeOperation(session, "verify");
  if (operation.inParts) throw new Refusal("OPERATION_ACTIVE");
  await verify(call, operation, data, signature);
  call.putOperation(session, "verify", undefined);
  return { returnCode: "OK" };
}

/** C_VerifyFinal. */
export async function verifyLast(call: Call): Promise<Answer> {
  const session = call.session();
  const signature = Buffer.from(call.input.counted());
  call.input.end();
  const operation = activeOperation(session, "verify");
  await verify(call, operation, Buffer.concat(operation.parts), signature);
  call.putOperation(session, "verify", undefined);
  return { returnCode: "OK" };
}

/** Throws Refusal where the signature is none. */
async function verify(call: Call, operation: ActiveOperation, data: Buffer, signature: Buffer): Promise<void> {
  const id = keyOf(operation);
  const request = requestFor(operation, data);
  const length = operation.mechanism.input === "mac" ? undefined : await orderLength(call, id);
  const signatureData = length === undefined ? signature : derSignature(signature, length);
  const { validityIndicator } =
    operation.mechanism.input === "mac"
      ? await call.perform<MacVerifyResponse>(macVerify, { ...request, macData: signature }, id)
      : await call.perform<SignatureVerifyResponse>(signatureVerify, { ...request, signatureData }, id);
  if (validityIndicator !== ValidityIndicator.Valid) throw new Refusal("SIGNATURE_INVALID");
}

/** Of data, of their digest, or of the digest inside a DigestInfo: KMIP tells the two apart by the field. */
function requestFor(operation: ActiveOperation, data: Buffer): object {
  const { parameters, input } = operation.mechanism;
  const uniqueIdentifier = named(keyOf(operation));
  if (input === "digest") return { uniqueIdentifier, cryptographicParameters: parameters, digestedData: data };
  if (input !== "digest-info") return { uniqueIdentifier, cryptographicParameters: parameters, data };
  const { hashingAlgorithm, digest } = readDigestInfo(data);
  return { uniqueIdentifier, cryptographicParameters: { ...parameters, hashingAlgorithm }, digestedData: digest };
}

/** Bytes of the order of the key's curve; undefined for keys that are not on one. */
async function orderLength(call: Call, id: string): Promise<number | undefined> {
  const object = await call.find(id);
  if (object === undefined || keyKindOf(object) !== KeyKind.ec) return undefined;
  return Math.ceil((object.attributes.get(attributes.cryptographicLength) ?? 0) / 8);
}
