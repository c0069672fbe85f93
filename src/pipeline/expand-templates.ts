import { attributes } from "#protocol/attributes/definitions.js";
import { isRequestedAttributes, type RequestedAttributes } from "#protocol/attributes/fields.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { ObjectType } from "#protocol/enums/index.js";
import type { Name } from "#protocol/structures/attribute-values.js";
import { textsIn } from "#protocol/ttlv/text-items.js";
import { unitedAttributes } from "#src/objects/accept-attributes.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { templateContent } from "#src/objects/template.js";
import type { ItemState } from "./item.js";
import { inventoryWithin } from "./reachable.js";

/** The most templates one Template-Attribute may name: each costs a search. */
const mostTemplates = 50;

/**
 * Puts the attributes of templates in the place of their names, wherever a payload asks for an object to be made: the
 * operations see attributes only (KMIP 1.4 §2.1.8, §4). Throws KmipError for a template there is not.
 */
export async function expandTemplates(state: ItemState): Promise<void> {
  const payload = state.payload as Readonly<Record<string, unknown>> | undefined;
  for (const [field, value] of Object.entries(payload ?? {})) {
    if (!isRequestedAttributes(value) || value.templates.length === 0) continue;
    state.payload = { ...(state.payload as object), [field]: await expanded(state, value) };
  }
}

async function expanded(
  state: ItemState,
  { attributes: explicit, templates }: RequestedAttributes,
): Promise<RequestedAttributes> {
  if (templates.length > mostTemplates) {
    throw new KmipError("ServerLimitExceeded", `a request names ${mostTemplates} templates at most`);
  }
  const contents: (readonly AttributeInstance[])[] = [];
  for (const name of templates) contents.push(await contentOf(state, name));
  return { attributes: unitedAttributes([...contents, explicit]), templates: [] };
}

async function contentOf(state: ItemState, { nameValue, nameType }: Name): Promise<readonly AttributeInstance[]> {
  const inventory = inventoryWithin(state);
  const filters = [
    { on: "name", name: nameValue, nameType },
    { on: "column", column: "objectType", equals: ObjectType.Template },
  ] as const;
  const { ids } = await inventory.locate(filters, { limit: 1, archived: true });
  const [id] = textsIn(ids);
  const template = id === undefined ? undefined : await inventory.find(id);
  if (template === undefined) throw new KmipError("ItemNotFound", `there is no template "${nameValue}"`);
  if (template.attributes.get(attributes.archiveDate) !== undefined) {
    throw new KmipError("ObjectArchived", `the template "${nameValue}" is archived`);
  }
  return templateContent(template);
}
