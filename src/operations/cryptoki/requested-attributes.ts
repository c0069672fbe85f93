import { attributes } from "#protocol/attributes/definitions.js";
import type { RequestedAttributes } from "#protocol/attributes/fields.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { AlternativeNameType, CryptographicUsageMask } from "#protocol/enums/index.js";
import type { OperationContext } from "../contract/context.js";
import type { AttributeName } from "./attribute-types.js";
import { ObjectClass } from "./constants.js";
import { identifierNamespace, usageBits } from "./object-view.js";
import { Refusal } from "./outcome.js";
import type { Template } from "./templates.js";

/** Attributes that any object may be made with. */
const general: readonly AttributeName[] = [
  "CLASS",
  "TOKEN",
  "PRIVATE",
  "LABEL",
  "MODIFIABLE",
  "COPYABLE",
  "DESTROYABLE",
];

/** Attributes that keys may be made with besides; those that say how a key was made must say what is true. */
const ofKeys: readonly AttributeName[] = [
  "ID",
  "KEY_TYPE",
  "SENSITIVE",
  "EXTRACTABLE",
  ...usageBits.map(([name]) => name),
  "SIGN_RECOVER",
  "VERIFY_RECOVER",
  "ALWAYS_AUTHENTICATE",
  "WRAP_WITH_TRUSTED",
  "TRUSTED",
];

/** Attributes that this layer has in one value only: a template may say so, and nothing else. */
const fixed: readonly (readonly [AttributeName, boolean])[] = [
  ["MODIFIABLE", false],
  ["COPYABLE", false],
  ["DESTROYABLE", true],
  ["SIGN_RECOVER", false],
  ["VERIFY_RECOVER", false],
  ["ALWAYS_AUTHENTICATE", false],
  ["WRAP_WITH_TRUSTED", false],
  ["TRUSTED", false],
];

/** Most of these stand with their other value in the templates of many programs, which mean nothing by it. */
const forgiven: ReadonlySet<AttributeName> = new Set(["MODIFIABLE", "COPYABLE"]);

/** What an object is made with, checked: no attribute that means something this layer would not do. Throws Refusal. */
export function checkTemplate(template: Template, objectClass: number, more: readonly AttributeName[] = []): void {
  const isKey = objectClass !== ObjectClass.data && objectClass !== ObjectClass.certificate;
  template.allowOnly(new Set([...general, ...(isKey ? ofKeys : []), ...more]));
  const given = template.number("CLASS");
  if (given !== undefined && given !== objectClass) throw new Refusal("TEMPLATE_INCONSISTENT");
  for (const [name, value] of fixed) {
    const asked = template.boolean(name);
    if (asked !== undefined && asked !== value && !forgiven.has(name)) throw new Refusal("ATTRIBUTE_VALUE_INVALID");
  }
}

/** The usage mask a template asks for, of the bits that keys of the class can have; undefined where it asks for none. */
function usageMask(template: Template, objectClass: number): number | undefined {
  const possible = objectClass === ObjectClass.secretKey ? macOnly : pairOnly;
  const named = usageBits.filter(([name]) => template.has(name));
  if (named.length === 0) return undefined;
  return named.reduce((mask, [name, bits]) => (template.boolean(name) === true ? mask | (bits & possible) : mask), 0);
}

/** Secret keys make message authentication codes where pairs make signatures: PKCS#11 has one word for both. */
const signatures = CryptographicUsageMask.Sign | CryptographicUsageMask.Verify;
const codes = CryptographicUsageMask.MACGenerate | CryptographicUsageMask.MACVerify;
const macOnly = ~signatures;
const pairOnly = ~codes;

/**
 * The KMIP attributes a template stands for. Objects of PKCS#11 know no states: they are Active from the start. Keys are
 * sensitive and not extractable unless the template says otherwise.
 */
export function requestedAttributes(
  context: OperationContext,
  template: Template,
  objectClass: number,
  more: readonly AttributeInstance[] = [],
): RequestedAttributes {
  const label = template.text("LABEL");
  const id = template.bytes("ID");
  const mask = usageMask(template, objectClass);
  const isSecret = objectClass === ObjectClass.secretKey || objectClass === ObjectClass.privateKey;
  const list: AttributeInstance[] = [{ name: attributes.activationDate.name, value: context.now }, ...more];
  if (label !== undefined && label !== "") {
    const alternativeNameType = AlternativeNameType.UninterpretedTextString;
    list.push({ name: attributes.alternativeName.name, value: { alternativeNameValue: label, alternativeNameType } });
  }
  if (id !== undefined && id.length > 0) {
    list.push({ name: attributes.applicationSpecificInformation.name, value: identifierInformation(id) });
  }
  if (mask !== undefined) list.push({ name: attributes.cryptographicUsageMask.name, value: mask });
  if (isSecret) {
    list.push({ name: attributes.sensitive.name, value: template.boolean("SENSITIVE") ?? true });
    list.push({ name: attributes.extractable.name, value: template.boolean("EXTRACTABLE") ?? false });
  }
  return { attributes: list, templates: [] };
}

/** How a CKA_ID is kept. */
export function identifierInformation(id: Buffer): { applicationNamespace: string; applicationData: string } {
  return { applicationNamespace: identifierNamespace, applicationData: id.toString("hex") };
}
