import { KeyFormatType, RevocationReasonCode, State } from "#protocol/enums/index.js";
import type { GetResponse } from "#protocol/payloads/get.js";
import type { RegisterResponse } from "#protocol/payloads/register.js";
import { stateAt } from "#src/objects/lifecycle.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { destroy } from "../../destroy.js";
import { get } from "../../get.js";
import { register } from "../../register.js";
import { revoke } from "../../revoke.js";
import { attributeNamed } from "../attribute-types.js";
import type { Call } from "../call.js";
import { attributesOf, isSecret, isVisible } from "../object-view.js";
import { type Answer, ok, Refusal, type ReturnCodeName } from "../outcome.js";
import { ParameterWriter } from "../parameters.js";
import { isToStay, place } from "../placing.js";
import { registration } from "../registration.js";
import {
  type AttributeQuery,
  type AttributeValue,
  elementsOf,
  readQueries,
  readTemplate,
  writeAttribute,
} from "../templates.js";
import { named } from "./parts.js";

/** C_CreateObject: KMIP's Register. */
export async function createObject(call: Call): Promise<Answer> {
  const session = call.session();
  const template = readTemplate(call.input);
  call.input.end();
  const { isKey, request } = registration(call.context, template);
  const stays = isToStay(call, session, template, isKey);
  const { uniqueIdentifier } = await call.context.perform<RegisterResponse>(register, request);
  return ok(new ParameterWriter().ulong(place(call, session, uniqueIdentifier, stays)).done());
}

/**
 * C_DestroyObject. A session object is forgotten; any other is KMIP's Destroy, before which an active object must be
 * revoked: both, or neither.
 */
export async function destroyObject(call: Call): Promise<Answer> {
  const session = call.session();
  const id = call.object();
  call.input.end();
  const object = await visible(call, id);
  if (await call.remove(id)) return ok();
  if (!session.readWrite) throw new Refusal("SESSION_READ_ONLY");
  if (stateAt(object.attributes, call.context.now) === State.Active) {
    const revocationReason = { revocationReasonCode: RevocationReasonCode.CessationOfOperation };
    await call.context.perform(revoke, { uniqueIdentifier: named(id), revocationReason });
  }
  await call.context.perform(destroy, { uniqueIdentifier: named(id) });
  call.forget(id);
  return ok();
}

/** The object of a handle, as long as PKCS#11 shows it. Throws Refusal. */
async function visible(call: Call, id: string): Promise<ManagedObject> {
  const object = await call.find(id);
  if (object === undefined || !isVisible(object, call.context.now)) throw new Refusal("OBJECT_HANDLE_INVALID");
  return object;
}

/** C_CopyObject and C_SetAttributeValue: objects are written once (CKA_COPYABLE and CKA_MODIFIABLE are false). */
export async function refuseToChange(call: Call): Promise<Answer> {
  call.session();
  await visible(call, call.object());
  readTemplate(call.input);
  call.input.end();
  throw new Refusal("ACTION_PROHIBITED");
}

/** An attribute that was asked for, told as far as it can be, and why it could not be told in full. */
interface Told {
  readonly value?: AttributeValue | undefined;
  readonly withValue: boolean;
  readonly trouble?: ReturnCodeName | undefined;
}

/** C_GetAttributeValue: what can be told is told, and the return code says of the rest (PKCS#11 3.0 §5.7.5). */
export async function getAttributeValue(call: Call): Promise<Answer> {
  call.session();
  const id = call.object();
  const queries = readQueries(call.input);
  call.input.end();
  const object = await visible(call, id);
  // Whoever may not read objects learns nothing of them here either.
  await call.perform({ ...get, run: async () => undefined }, { uniqueIdentifier: named(id) }, id);
  const view = attributesOf(object, !call.instance.sessionObjects.has(id));
  const output = new ParameterWriter().length(queries.length);
  let returnCode: ReturnCodeName = "OK";
  for (const query of queries) {
    const told = await tell(call, object, view, query);
    writeAttribute(output, query.type, told.value, told.withValue);
    if (returnCode === "OK") returnCode = told.trouble ?? "OK";
  }
  return { returnCode, output: output.done() };
}

async function tell(
  call: Call,
  object: ManagedObject,
  view: ReadonlyMap<number, AttributeValue>,
  { type, room }: AttributeQuery,
): Promise<Told> {
  const value = view.get(type) ?? (await secretValue(call, object, type));
  if (value === "sensitive") return { withValue: false, trouble: "ATTRIBUTE_SENSITIVE" };
  if (value === undefined) return { withValue: false, trouble: "ATTRIBUTE_TYPE_INVALID" };
  if (room === undefined) return { value, withValue: false };
  if (elementsOf(value) > room) return { withValue: false, trouble: "BUFFER_TOO_SMALL" };
  return { value, withValue: true };
}

const privateParts: ReadonlySet<string | undefined> = new Set([
  "PRIVATE_EXPONENT",
  "PRIME_1",
  "PRIME_2",
  "EXPONENT_1",
  "EXPONENT_2",
  "COEFFICIENT",
]);

/** The value of a secret key or the content of data, by KMIP's Get. The parts of private keys are not given one by one. */
async function secretValue(call: Call, object: ManagedObject, type: number): Promise<Buffer | "sensitive" | undefined> {
  const name = attributeNamed(type);
  if (privateParts.has(name)) return object.material?.form === "private" ? "sensitive" : undefined;
  if (name !== "VALUE") return undefined;
  if (object.material?.form === "private") return "sensitive";
  if (object.material?.form === "public") return undefined;
  if (object.material?.form === "secret" && isSecret(object)) return "sensitive";
  const answer = await call.perform<GetResponse>(
    get,
    { uniqueIdentifier: named(object.id), keyFormatType: formatOf(object) },
    object.id,
  );
  if (answer.opaqueObject !== undefined) return answer.opaqueObject.opaqueDataValue;
  const keyValue = answer.symmetricKey?.keyBlock.keyValue;
  const material = keyValue === undefined || Buffer.isBuffer(keyValue) ? keyValue : keyValue.keyMaterial;
  return Buffer.isBuffer(material) ? material : undefined;
}

function formatOf({ material }: ManagedObject): number | undefined {
  return material?.form === "secret" ? KeyFormatType.Raw : undefined;
}
