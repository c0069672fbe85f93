/** Roads by what attributes say: links, names, groups, templates. */
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { LinkType, LinkTypeTable, NameType } from "#protocol/enums/index.js";
import { V1_4 } from "#protocol/versions.js";
import { instance, nameOf } from "#test/support/kmip-actions.js";
import { type Fields, withValue } from "./payloads.js";
import type { Place, PlacedOperation } from "./places.js";
import { type Road, withTarget } from "./road.js";
import { type KindName, linkTo, type Reference, type StateName } from "./subjects.js";
import { type Belongings, bestKind, naming, usualFields } from "./usual.js";

type Naming = readonly [
  string,
  (reference: Reference, own: Belongings) => AttributeInstance | Promise<AttributeInstance>,
  readonly StateName[],
];

/** Attributes that name an object. */
const namingAttributes: readonly Naming[] = [
  ...Object.entries(LinkTypeTable.values).map(
    ([type, linkType]): Naming => [
      `link set: ${type}`,
      ({ identifier }) => linkTo(linkType, identifier),
      ["Active", "Destroyed"],
    ],
  ),
  [
    "link to an authority whose key is linked",
    async ({ identifier }, own) =>
      linkTo(LinkType.CertificateLink, await own.linked("Certificate", LinkType.PrivateKeyLink, identifier)),
    ["Active", "Destroyed"],
  ],
  ["name taken", ({ name }) => nameOf(name), ["Pre-Active", "Active", "Destroyed"]],
  ["group joined", ({ group }) => instance(attributes.objectGroup, group), ["Active", "Destroyed"]],
  [
    "identifier as attribute",
    ({ identifier }) => instance(attributes.uniqueIdentifier, identifier),
    ["Active", "Destroyed"],
  ],
];

/** Operations that change an attribute of an object that is there. */
const changing: ReadonlySet<string> = new Set([
  "Add Attribute",
  "Modify Attribute",
  "Set Attribute",
  "Delete Attribute",
]);

/** Roads by what attributes say. */
export function attributeRoads(placed: PlacedOperation, place: Place): readonly Road[] {
  const { operation, request } = placed;
  const { path } = place;
  const last = path.at(-1);
  const isSingle = last === "newAttribute" || last === "currentAttribute";
  const isLocate = operation.name === "Locate";
  const put = async (own: Belongings, value: AttributeInstance): Promise<Fields> => {
    const usual = usualFields(operation.name);
    const target = changing.has(operation.name)
      ? naming(operation.name, [(await own.fresh("Symmetric Key")).identifier])
      : await withTarget(placed, own, {});
    const fields = { ...usual, ...target };
    if (isSingle) return withValue(request, fields, path, value);
    const before =
      last === "attributes" || last?.endsWith("Attributes") ? path.reduce<unknown>(stepInto, fields) : undefined;
    return withValue(request, fields, path, joined(before, value, isRequested(placed, path)));
  };
  const kinds: readonly KindName[] = [bestKind(operation.name)];
  const roads = namingAttributes.map(
    ([name, of, states]): Road => ({
      name: isLocate ? `search by ${name.replace("link set: ", "link ")}` : name,
      kinds,
      states,
      relations: ["stranger", "colleague"],
      leavesNamesake: isLocate || !name.startsWith("link"),
      fields: async (own, reference) => put(own, await of(reference, own)),
    }),
  );
  return isRequested(placed, path) ? [...roads, templateRoad(placed, place)] : roads;
}

function stepInto(value: unknown, step: string): unknown {
  return typeof value === "object" && value !== null ? (value as Fields)[step] : undefined;
}

/** Whether a place takes templates beside attributes: those of objects to be made do. */
function isRequested({ operation, request }: PlacedOperation, path: readonly string[]): boolean {
  if (path.length > 1 || operation.name === "Locate") return false;
  const field = request.fields[path[0] ?? ""];
  const read = field?.optional === true ? field.decode([], { version: V1_4 }) : undefined;
  return typeof read === "object" && read !== null && "templates" in read;
}

function joined(before: unknown, value: AttributeInstance, requestedForm: boolean): unknown {
  const list = Array.isArray(before)
    ? before
    : typeof before === "object" && before !== null && "attributes" in before
      ? before.attributes
      : [];
  const attributesOf = [...(list as readonly AttributeInstance[]).filter(({ name }) => name !== value.name), value];
  return requestedForm ? { attributes: attributesOf, templates: [] } : attributesOf;
}

function templateRoad(placed: PlacedOperation, { path }: Place): Road {
  return {
    name: "template",
    versions: [V1_4],
    kinds: ["Template"],
    hides: ["Destroyed"],
    fields: async (own, { name }) => {
      const fields = await withTarget(placed, own, usualFields(placed.operation.name));
      const before = path.reduce<unknown>(stepInto, fields) as
        | { attributes?: readonly AttributeInstance[] }
        | undefined;
      const templates = [{ nameValue: name, nameType: NameType.UninterpretedTextString }];
      return withValue(placed.request, fields, path, { attributes: before?.attributes ?? [], templates });
    },
  };
}
