import { EncodingOption, KeyFormatType } from "#protocol/enums/index.js";
import type {
  KeyBlock,
  KeyWrappingData,
  KeyWrappingSpecification,
  PlainKeyValue,
} from "#protocol/structures/key-block.js";
import { V1_3 } from "#protocol/versions.js";
import { materialOf, referenceOf } from "#src/inventory/key-keeper.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { instancesOf, readableAttributes } from "../attributes/reading.js";
import type { OperationContext } from "../contract/context.js";
import { authenticateValue } from "../wrapping/authentication.js";
import { encryptValue, type Wrapper, wrapInToken } from "../wrapping/encryption.js";
import { stepsOf, type WrappingStep } from "../wrapping/steps.js";
import { authenticatedBytes } from "../wrapping/unwrap.js";
import { findWrappingKey, wrappedParameters, wrappingParameters } from "../wrapping/wrapping-keys.js";
import { plainKeyBlock, type RequestedFormat } from "./key-block.js";
import { declared } from "./registered-key-block.js";

/** A step with the key that does it. */
interface ReadyStep {
  readonly step: WrappingStep;
  readonly wrapper: Wrapper;
}

/**
 * The Key Block of an object, its Key Value wrapped as asked for (KMIP 2.1 §3.3, §7.18). Without encoding, a key that is
 * asked for as it is kept goes from key to wrapped key inside the token. Throws KmipError and CryptoError.
 */
export async function wrappedKeyBlock(
  context: OperationContext,
  object: ManagedObject,
  requested: RequestedFormat & { readonly anyParameters?: boolean },
  specification: KeyWrappingSpecification,
): Promise<KeyBlock> {
  const { wrappingMethod, encryptionKeyInformation, macSignatureKeyInformation, encodingOption } = specification;
  const steps = await readySteps(context, specification, requested.anyParameters ?? false);
  checkEncoding(specification);
  const data = { wrappingMethod, encryptionKeyInformation, macSignatureKeyInformation, encodingOption };
  const block =
    (await wrappedInToken(context, object, requested, specification, steps, data)) ??
    (await wrappedHere(context, object, requested, specification, steps, data));
  return encodingOption === EncodingOption.NoEncoding && context.version >= V1_3 ? inStructure(block) : block;
}

/**
 * Without encoding, only the Key Material is wrapped. The published cases show it as the Key Value itself in 1.1 and 1.2
 * (TC-141) and inside a Key Value structure later (TC-WRAP-1), and PyKMIP reads it only so.
 */
function inStructure(block: KeyBlock): KeyBlock {
  return Buffer.isBuffer(block.keyValue)
    ? { ...block, keyValue: { keyMaterial: block.keyValue, attributes: [] } }
    : block;
}

async function readySteps(
  context: OperationContext,
  specification: KeyWrappingSpecification,
  anyParameters: boolean,
): Promise<readonly ReadyStep[]> {
  const ready: ReadyStep[] = [];
  for (const { step, information } of stepsOf(specification)) {
    const key = await findWrappingKey(context, information.uniqueIdentifier, step);
    const given = information.cryptographicParameters;
    const parameters = anyParameters ? wrappedParameters(key, given) : wrappingParameters(context, key, given);
    ready.push({ step, wrapper: { key, parameters } });
  }
  return ready;
}

const encodings: ReadonlySet<number | undefined> = new Set([
  undefined,
  EncodingOption.NoEncoding,
  EncodingOption.TTLVEncoding,
]);

function checkEncoding({ encodingOption, attributeNames }: KeyWrappingSpecification): void {
  if (!encodings.has(encodingOption))
    throw new KmipError("EncodingOptionError", "this Encoding Option is not supported");
  if (encodingOption === EncodingOption.NoEncoding && attributeNames.length > 0) {
    throw new KmipError("EncodingOptionError", "without encoding, a wrapped Key Value carries no attributes");
  }
}

/** Wrapping that never has the key in plaintext outside the token; undefined where it takes more. */
async function wrappedInToken(
  context: OperationContext,
  object: ManagedObject,
  requested: RequestedFormat,
  { encodingOption }: KeyWrappingSpecification,
  steps: readonly ReadyStep[],
  data: KeyWrappingData,
): Promise<KeyBlock | undefined> {
  const [only, ...more] = steps;
  const encrypts = only?.step === "encrypt" && more.length === 0;
  if (!encrypts || encodingOption !== EncodingOption.NoEncoding || !isKeptAsAsked(object, requested)) return undefined;
  const encrypted = await wrapInToken(context, only.wrapper, referenceOf(object));
  if (encrypted === undefined) return undefined;
  const { algorithm, bits } = declared(object);
  return {
    keyFormatType: KeyFormatType.Raw,
    cryptographicAlgorithm: algorithm,
    cryptographicLength: bits,
    keyValue: encrypted.value,
    keyWrappingData: data,
  };
}

/** Whether the raw key that is asked for is the very key in custody. */
function isKeptAsAsked(object: ManagedObject, { keyFormatType, keyCompressionType }: RequestedFormat): boolean {
  const { form, keyFormatType: kept, keyWrappingData } = materialOf(object);
  const format = keyFormatType ?? kept;
  const asKept = form === "secret" && keyWrappingData === undefined;
  return asKept && format === KeyFormatType.Raw && keyCompressionType === undefined;
}

async function wrappedHere(
  context: OperationContext,
  object: ManagedObject,
  requested: RequestedFormat,
  { encodingOption, attributeNames }: KeyWrappingSpecification,
  steps: readonly ReadyStep[],
  data: KeyWrappingData,
): Promise<KeyBlock> {
  const block = await plainKeyBlock(context, object, requested);
  const plain = plainValue(block);
  const attributes = instancesOf(readableAttributes(object, context.now, context.version), attributeNames);
  const keyValue = { keyMaterial: plain.keyMaterial, attributes };
  const isEncrypted = steps.some(({ step }) => step === "encrypt");
  let value = authenticatedBytes(context, keyValue, encodingOption);
  let wrapping = data;
  let isDone = false;
  try {
    for (const { step, wrapper } of steps) {
      if (step === "authenticate") {
        wrapping = { ...wrapping, macSignature: await authenticateValue(context, wrapper, value) };
      } else {
        const encrypted = await encryptValue(context, wrapper, value);
        value = encrypted.value;
        wrapping = { ...wrapping, ivCounterNonce: encrypted.ivCounterNonce };
      }
    }
    isDone = true;
  } finally {
    if (!isDone || !isEncrypted) value.fill(0);
    if ((!isDone || isEncrypted) && Buffer.isBuffer(plain.keyMaterial)) plain.keyMaterial.fill(0);
  }
  return { ...block, keyValue: isEncrypted ? value : keyValue, keyWrappingData: wrapping };
}

function plainValue({ keyValue }: KeyBlock): PlainKeyValue {
  if (keyValue !== undefined && !Buffer.isBuffer(keyValue)) return keyValue;
  throw new KmipError("KeyFormatTypeNotSupported", "a container under a password is not wrapped beside");
}
