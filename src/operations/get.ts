import { attributes } from "#protocol/attributes/definitions.js";
import { KeyWrapType, ObjectType, Operation } from "#protocol/enums/index.js";
import { type GetRequest, type GetResponse, getRequest, getResponse } from "#protocol/payloads/get.js";
import type { KeyBlock } from "#protocol/structures/key-block.js";
import { materialOf } from "#src/inventory/key-keeper.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { type ManagedObject, withAttributes } from "#src/objects/managed-object.js";
import type { OperationContext } from "./contract/context.js";
import { defineOperation } from "./contract/operation.js";
import { plainKeyBlock, registeredKeyBlock } from "./giving/key-block.js";
import { keyField } from "./giving/object-fields.js";
import { wrappedKeyBlock } from "./giving/wrapped-key-block.js";

/** Get (KMIP 2.1 §6.1.19): the object itself, in the format asked for, wrapped where asked for. */
export const get = defineOperation({
  code: Operation.Get,
  name: "Get",
  versions: {},
  request: getRequest,
  response: getResponse,
  permission: "read",
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier },
  async run(context, request) {
    const { target, changes } = context;
    const fields = await objectFields(context, target, request);
    if (target.attributes.get(attributes.fresh) === true) {
      changes.update(withAttributes(target, target.attributes.with(attributes.fresh, false)));
    }
    return { objectType: target.objectType, uniqueIdentifier: target.id, ...fields };
  },
});

type Fields = Omit<GetResponse, "objectType" | "uniqueIdentifier">;

async function objectFields(context: OperationContext, object: ManagedObject, request: GetRequest): Promise<Fields> {
  checkMayLeave(object, request);
  switch (object.objectType) {
    case ObjectType.Certificate:
      refuseFormats(request);
      return { certificate: { certificateType: subtypeOf(object), certificateValue: materialOf(object).blob } };
    case ObjectType.OpaqueObject: {
      refuseFormats(request);
      const opaqueDataValue = await context.keys.plaintext(object);
      return { opaqueObject: { opaqueDataType: subtypeOf(object), opaqueDataValue } };
    }
    default:
      return keyField(object, await keyBlockFor(context, object, request));
  }
}

function subtypeOf(object: ManagedObject): number {
  return materialOf(object).subtype ?? 0;
}

/** Objects without a Key Block have one form only. */
function refuseFormats({ keyWrappingSpecification, keyCompressionType }: GetRequest): void {
  if (keyWrappingSpecification !== undefined || keyCompressionType !== undefined) {
    throw new KmipError("InvalidField", "objects of this type are neither wrapped nor compressed");
  }
}

function keyBlockFor(context: OperationContext, object: ManagedObject, request: GetRequest): Promise<KeyBlock> {
  const { keyWrappingSpecification, keyWrapType } = request;
  const registered = materialOf(object).keyWrappingData;
  if (registered !== undefined) {
    if (keyWrappingSpecification !== undefined || keyWrapType === KeyWrapType.NotWrapped) {
      throw new KmipError("KeyWrapTypeNotSupported", "the key was registered wrapped and is given only so");
    }
    return registeredKeyBlock(context, object, registered);
  }
  return keyWrappingSpecification === undefined
    ? plainKeyBlock(context, object, request)
    : wrappedKeyBlock(context, object, request, keyWrappingSpecification);
}

/** What Extractable and Sensitive say, which objects of all types have (KMIP 2.1 §4.23, §4.55). */
function checkMayLeave({ attributes: set, material }: ManagedObject, { keyWrappingSpecification }: GetRequest): void {
  if (set.get(attributes.extractable) === false) throw new KmipError("NotExtractable", "the object is not extractable");
  const wrapped = keyWrappingSpecification !== undefined || material?.keyWrappingData !== undefined;
  if (set.get(attributes.sensitive) === true && !wrapped) {
    throw new KmipError("Sensitive", "the object is sensitive and given only wrapped");
  }
}
