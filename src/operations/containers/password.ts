import { attributes } from "#protocol/attributes/definitions.js";
import { LinkType, ObjectType, SecretDataType, State } from "#protocol/enums/index.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { stateAt } from "#src/objects/lifecycle.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";

function badPassword(message: string): KmipError {
  return new KmipError("BadPassword", message, { oneXReason: "InvalidField" });
}

/**
 * The password of a PKCS#12 container: the active Secret Data of type Password that the one PKCS#12 Password Link names
 * (KMIP 2.1 §6.1.19, 1.4 §11.4). Throws KmipError `BadPassword`, and CryptoError.
 */
export async function containerPassword(context: OperationContext, set: AttributeSet): Promise<string> {
  const links = set.values(attributes.link).filter(({ linkType }) => linkType === LinkType.PKCS_12PasswordLink);
  const [link, ...more] = links;
  if (link === undefined || more.length > 0) {
    throw badPassword("there is to be one PKCS#12 Password Link for a PKCS#12 container");
  }
  const { linkedObjectIdentifier: named } = link;
  const object = named.kind === "identifier" ? await context.inventory.find(named.identifier) : undefined;
  if (object === undefined || !isPassword(object) || !isInUse(object, context.now)) {
    throw badPassword("the PKCS#12 Password Link names no active Secret Data of type Password");
  }
  await context.demandOwner(object);
  const secret = await context.keys.plaintext(object);
  try {
    return secret.toString("utf8");
  } finally {
    secret.fill(0);
  }
}

function isInUse({ attributes: set }: ManagedObject, now: number): boolean {
  return stateAt(set, now) === State.Active && !set.has(attributes.archiveDate.name);
}

function isPassword({ objectType, material }: ManagedObject): boolean {
  const isPlain = material?.form === "bytes" && material.keyWrappingData === undefined && material.structured !== true;
  return objectType === ObjectType.SecretData && isPlain && material.subtype === SecretDataType.Password;
}
