import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { AlternativeNameType, LinkType, NameType, StorageStatusMask } from "#protocol/enums/index.js";
import type { LocateAnswer } from "#protocol/payloads/locate.js";
import { textsIn } from "#protocol/ttlv/text-items.js";
import { locate } from "../../locate.js";
import type { Call } from "../call.js";
import { attributesOf, isVisible, objectClasses } from "../object-view.js";
import { type Answer, ok, Refusal } from "../outcome.js";
import { ParameterWriter } from "../parameters.js";
import { identifierInformation } from "../requested-attributes.js";
import { type AttributeValue, readTemplate, type Template } from "../templates.js";

/** The most objects a search looks at; one that would have to look at more must say more. */
const mostCandidates = 10_000;

/** The most handles of one answer. */
const mostHandles = 1000;

/** C_FindObjectsInit: a search of the database by what the index knows, then of each object by the whole template. */
export async function findObjectsInit(call: Call): Promise<Answer> {
  const session = call.session();
  const template = readTemplate(call.input);
  call.input.end();
  if (session.search !== undefined) throw new Refusal("OPERATION_ACTIVE");
  const own = [...call.instance.sessionObjects.keys()];
  const stored = template.boolean("TOKEN") === false ? [] : await storedCandidates(call, template);
  call.put({ ...session, search: { candidates: [...own, ...stored], position: 0, template } });
  return ok();
}

/** Identifiers of stored objects that may match. Whatever the search, the policy must let the client read. */
async function storedCandidates(call: Call, template: Template): Promise<readonly string[]> {
  const filter = classFilter(template);
  if (filter === undefined) return [];
  const alternatives = [...nameFilters(template), ...identifierFilters(template)];
  const found = new Set<string>();
  for (const alternative of alternatives.length === 0 ? [undefined] : alternatives) {
    const wanted = alternative === undefined ? filter : [...filter, alternative];
    const { uniqueIdentifiers } = await call.context.perform<LocateAnswer>(locate, {
      attributes: wanted,
      maximumItems: mostCandidates,
      storageStatusMask: StorageStatusMask.OnLineStorage,
    });
    for (const id of textsIn(uniqueIdentifiers)) found.add(id);
  }
  return [...found].slice(0, mostCandidates);
}

/** CKA_CLASS as an Object Type; undefined for a class that nothing here has. */
function classFilter(template: Template): readonly AttributeInstance[] | undefined {
  const objectClass = template.number("CLASS");
  if (objectClass === undefined) return [];
  const objectType = [...objectClasses].find(([, value]) => value === objectClass)?.[0];
  return objectType === undefined ? undefined : [{ name: attributes.objectType.name, value: objectType }];
}

function nameFilters(template: Template): readonly AttributeInstance[] {
  const label = template.text("LABEL");
  if (label === undefined || label === "") return [];
  const alternativeNameType = AlternativeNameType.UninterpretedTextString;
  const nameType = NameType.UninterpretedTextString;
  return [
    { name: attributes.alternativeName.name, value: { alternativeNameValue: label, alternativeNameType } },
    { name: attributes.name.name, value: { nameValue: label, nameType } },
  ];
}

/** CKA_ID as it is kept, or as the identifier of the object itself or of the private key it belongs to. */
function identifierFilters(template: Template): readonly AttributeInstance[] {
  const id = template.bytes("ID");
  if (id === undefined || id.length === 0 || template.text("LABEL")) return [];
  const given = { name: attributes.applicationSpecificInformation.name, value: identifierInformation(id) };
  const uuid = id.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  if (id.length !== 16) return [given];
  const linkedObjectIdentifier = { kind: "identifier", identifier: uuid };
  return [
    given,
    { name: attributes.uniqueIdentifier.name, value: uuid },
    { name: attributes.link.name, value: { linkType: LinkType.PrivateKeyLink, linkedObjectIdentifier } },
  ];
}

async function matches(call: Call, id: string, template: Template): Promise<boolean> {
  const object = await call.find(id);
  if (object === undefined || !isVisible(object, call.context.now)) return false;
  const view = attributesOf(object, !call.instance.sessionObjects.has(id));
  return [...template.all].every(([type, wanted]) => isEqual(view.get(type), wanted));
}

function isEqual(has: AttributeValue | undefined, wanted: AttributeValue): boolean {
  if (Buffer.isBuffer(has)) return Buffer.isBuffer(wanted) && has.equals(wanted);
  return has === wanted;
}

/** C_FindObjects: the next handles, no more than asked for. */
export async function findObjects(call: Call): Promise<Answer> {
  const session = call.session();
  const { input } = call;
  const asked = input.left === 8 ? input.ulong() : input.length();
  input.end();
  if (session.search === undefined) throw new Refusal("OPERATION_NOT_INITIALIZED");
  const { candidates, template } = session.search;
  let { position } = session.search;
  const handles: bigint[] = [];
  while (position < candidates.length && handles.length < Math.min(asked, mostHandles)) {
    const id = candidates[position];
    position += 1;
    if (id !== undefined && (await matches(call, id, template))) handles.push(call.instance.handleOf(id));
  }
  call.put({ ...session, search: { ...session.search, position } });
  const output = new ParameterWriter().length(handles.length);
  for (const handle of handles) output.ulong(handle);
  return ok(output.done());
}

/** C_FindObjectsFinal. */
export async function findObjectsFinal(call: Call): Promise<Answer> {
  const session = call.session();
  call.input.end();
  if (session.search === undefined) throw new Refusal("OPERATION_NOT_INITIALIZED");
  call.put({ ...session, search: undefined });
  return ok();
}
