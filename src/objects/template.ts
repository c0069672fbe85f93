import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { acceptOne, checkDates } from "./accept-attributes.js";
import { ruleFor } from "./attribute-rules.js";
import type { AttributeSet } from "./attribute-set.js";
import { KmipError } from "./kmip-error.js";
import type { ManagedObject, Material } from "./managed-object.js";

/**
 * A Template holds attributes for objects to be made, and has some of its own: its names, and what the request that
 * registered it gave beside the Template structure (KMIP 1.4 §2.2.6). Both stand in its attribute set, where clients
 * read and change them; its material remembers which are its own.
 */

/** Attributes that are a template's own whenever they were given. */
const alwaysOwn: ReadonlySet<string> = new Set([attributes.name.name]);

/** A template's attributes with those for objects to be made. Throws KmipError, also where those hold a Name. */
export function withTemplateContent(
  own: AttributeSet,
  objectType: number,
  content: readonly AttributeInstance[],
): AttributeSet {
  if (content.some(({ name }) => alwaysOwn.has(name))) {
    throw new KmipError("InvalidField", "a Template structure holds no Name");
  }
  const set = content.reduce((sum, instance) => acceptOne(sum, objectType, instance), own);
  checkDates(set);
  return set;
}

/** The material of a template whose own attributes are these. */
export function templateMaterial(own: AttributeSet): Material {
  const instances = own.names().map((name) => [name, own.instances(name).map(({ index }) => index)]);
  return {
    form: "template",
    custody: "wrapped",
    keyType: "generic",
    blob: Buffer.from(JSON.stringify(Object.fromEntries(instances))),
    keyEncryptionKeyVersion: 0,
    keyFormatType: undefined,
  };
}

/** The attributes a template holds for objects to be made, without their indices. */
export function templateContent({ attributes: set, material }: ManagedObject): readonly AttributeInstance[] {
  if (material?.form !== "template") throw new KmipError("InvalidObjectType", "the object is no template");
  const own = JSON.parse(material.blob.toString("utf8")) as Readonly<Record<string, readonly number[]>>;
  return set
    .names()
    .filter((name) => ruleFor(name)?.settableByClient === true && !alwaysOwn.has(name))
    .flatMap((name) =>
      set
        .instances(name)
        .filter(({ index }) => own[name]?.includes(index) !== true)
        .map(({ value }) => ({ name, value })),
    );
}
