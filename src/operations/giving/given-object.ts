import { attributes } from "#protocol/attributes/definitions.js";
import { KeyFormatType, KeyWrapType, ObjectType, WrappingMethod } from "#protocol/enums/index.js";
import { KeyCompressionTypeTable, KeyFormatTypeTable } from "#protocol/enums/keys.js";
import { isKnownIn } from "#protocol/enums/table.js";
import type { GetRequest, GetResponse } from "#protocol/payloads/get.js";
import type { KeyBlock } from "#protocol/structures/key-block.js";
import { V2_0 } from "#protocol/versions.js";
import { materialOf } from "#src/inventory/key-keeper.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject, Material } from "#src/objects/managed-object.js";
import { templateContent } from "#src/objects/template.js";
import { certificateContainer } from "../containers/give-container.js";
import type { OperationContext } from "../contract/context.js";
import { plainKeyBlock } from "./key-block.js";
import { keyField } from "./object-fields.js";
import { declared, registeredKeyBlock, wrappingDataOf } from "./registered-key-block.js";
import { wrappedKeyBlock } from "./wrapped-key-block.js";

/** How an object is asked for, by Get and by Export. */
export type AskedForm = Pick<
  GetRequest,
  "keyFormatType" | "keyWrapType" | "keyCompressionType" | "keyWrappingSpecification"
> & {
  /** The parameters to wrap with need not be among those of the wrapping key; no request of KMIP says so. */
  readonly anyParameters?: boolean;
};

/** The field of a response that carries the object. */
export type GivenObject = Omit<GetResponse, "objectType" | "uniqueIdentifier">;

/**
 * The object as Get and Export give it, in the form asked for (KMIP 2.1 §6.1.19). Throws KmipError where it may not
 * leave, or has no such form, and CryptoError.
 */
export async function givenObject(
  context: OperationContext,
  object: ManagedObject,
  asked: AskedForm,
): Promise<GivenObject> {
  checkMayLeave(object, asked);
  checkFormatIsKnown(context, asked);
  switch (object.objectType) {
    case ObjectType.Certificate:
      refuseFormats(asked);
      return { certificate: await givenCertificate(context, object, asked) };
    case ObjectType.CertificateRequest: {
      refuseFormats(asked);
      const { blob } = materialOf(object);
      return { certificateRequest: { certificateRequestType: subtypeOf(object), certificateRequestValue: blob } };
    }
    case ObjectType.Template:
      refuseFormats(asked);
      return { template: { attributes: templateContent(object) } };
    case ObjectType.OpaqueObject: {
      refuseFormats(asked);
      const opaqueDataValue = await context.keys.plaintext(object);
      return { opaqueObject: { opaqueDataType: subtypeOf(object), opaqueDataValue } };
    }
    default:
      return keyField(object, await keyBlockFor(context, object, asked));
  }
}

function checkFormatIsKnown({ version }: OperationContext, { keyFormatType, keyCompressionType }: AskedForm): void {
  if (keyFormatType !== undefined && !isKnownIn(KeyFormatTypeTable, keyFormatType, version)) {
    throw new KmipError("KeyFormatTypeNotSupported", "the version of the request has no such Key Format Type");
  }
  if (keyCompressionType !== undefined && !isKnownIn(KeyCompressionTypeTable, keyCompressionType, version)) {
    throw new KmipError("KeyCompressionTypeNotSupported", "there is no such Key Compression Type");
  }
}

/** A certificate as it is or, since 2.0, in a PKCS#12 container with those above it (KMIP 2.1 §6.1.19). */
async function givenCertificate(context: OperationContext, object: ManagedObject, { keyFormatType }: AskedForm) {
  const isContainer = keyFormatType === KeyFormatType.PKCS_12;
  if ((isContainer && context.version < V2_0) || !certificateFormats.has(keyFormatType)) {
    throw new KmipError("KeyFormatTypeNotSupported", "certificates are not given in this Key Format Type");
  }
  const certificateValue = isContainer ? await certificateContainer(context, object) : materialOf(object).blob;
  return { certificateType: subtypeOf(object), certificateValue };
}

const certificateFormats: ReadonlySet<number | undefined> = new Set([
  undefined,
  KeyFormatType.X_509,
  KeyFormatType.PKCS_12,
]);

function subtypeOf(object: ManagedObject): number {
  return materialOf(object).subtype ?? 0;
}

/** Objects without a Key Block have one form only. */
function refuseFormats({ keyWrappingSpecification, keyCompressionType }: AskedForm): void {
  if (keyWrappingSpecification !== undefined) {
    throw new KmipError("InvalidObjectType", "objects of this type are not wrapped");
  }
  if (keyCompressionType !== undefined) {
    throw new KmipError("KeyCompressionTypeNotSupported", "objects of this type are not compressed");
  }
}

function keyBlockFor(context: OperationContext, object: ManagedObject, asked: AskedForm): Promise<KeyBlock> {
  const { keyWrappingSpecification, keyWrapType } = asked;
  if (object.material?.form === "absent") return Promise.resolve(absentKeyBlock(object, object.material, asked));
  const registered = materialOf(object).keyWrappingData;
  if (registered !== undefined && keyWrapType !== KeyWrapType.NotWrapped) {
    if (keyWrappingSpecification === undefined) return registeredKeyBlock(context, object, registered);
    if (keyWrapType === KeyWrapType.AsRegistered) throw wrappedTwice();
  }
  return keyWrappingSpecification === undefined
    ? plainKeyBlock(context, object, asked)
    : wrappedKeyBlock(context, object, asked, keyWrappingSpecification);
}

function wrappedTwice(): KmipError {
  return new KmipError("KeyWrapTypeNotSupported", "a key is not given as it was registered and wrapped anew at once");
}

/** The Key Block of an object whose Key Value is not here: as it was registered, and in no other form. */
function absentKeyBlock(object: ManagedObject, { keyFormatType }: Material, asked: AskedForm): KeyBlock {
  const { keyWrappingSpecification, keyCompressionType } = asked;
  const differs = asked.keyFormatType !== undefined && asked.keyFormatType !== keyFormatType;
  if (differs || keyWrappingSpecification !== undefined || keyCompressionType !== undefined) {
    throw new KmipError("KeyValueNotPresent", "the key value of the object is not on this server");
  }
  const { algorithm, bits } = declared(object);
  return { keyFormatType: keyFormatType ?? 0, cryptographicAlgorithm: algorithm, cryptographicLength: bits };
}

/** What Extractable and Sensitive say, which objects of all types have (KMIP 2.1 §4.23, §4.55). */
function checkMayLeave({ attributes: set, material }: ManagedObject, asked: AskedForm): void {
  if (set.get(attributes.extractable) === false) throw new KmipError("NotExtractable", "the object is not extractable");
  if (set.get(attributes.sensitive) === true && !leavesEncrypted(material, asked)) {
    throw new KmipError("Sensitive", "the object is sensitive and given only wrapped");
  }
}

/** A MAC or signature alone leaves the Key Value in plaintext, also where the client brought it so. */
function leavesEncrypted(material: Material | null, { keyWrappingSpecification, keyWrapType }: AskedForm): boolean {
  if (keyWrappingSpecification !== undefined) return encrypts(keyWrappingSpecification);
  if (material?.keyWrappingData === undefined || keyWrapType === KeyWrapType.NotWrapped) return false;
  return encrypts(wrappingDataOf(material.keyWrappingData));
}

function encrypts({ wrappingMethod }: { readonly wrappingMethod: number }): boolean {
  return wrappingMethod !== WrappingMethod.MACSign;
}
