/** Roads by keys that wrap or authenticate others, and by what stands inside keys. */

import {
  CryptographicAlgorithm,
  EncodingOption,
  KeyFormatType,
  KeyWrapType,
  LinkType,
  WrappingMethod,
} from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { type Fields, withValue } from "./payloads.js";
import type { Place, PlacedOperation } from "./places.js";
import { type Relation, relations } from "./relations.js";
import { type Road, withTarget } from "./road.js";
import { type KindName, kindOf, linkTo, type Reference, stateNames, wrappedKey } from "./subjects.js";
import { type Belongings, usualFields } from "./usual.js";

/** Roads by keys that wrap or authenticate, and by the identifier that Import gives. */
export function identifierRoads(placed: PlacedOperation, place: Place): readonly Road[] {
  const { operation, request } = placed;
  const { path } = place;
  if (path.length === 1) {
    const replacing = (replaceExisting: boolean): Road => ({
      name: replaceExisting ? "identifier to replace" : "identifier to take",
      kinds: ["Symmetric Key", "Secret Data"],
      relations: ["stranger", "colleague"],
      leavesNamesake: true,
      fields: async (_own, { identifier }) => ({
        ...usualFields(operation.name),
        uniqueIdentifier: identifier,
        replaceExisting,
      }),
    });
    return [replacing(true), replacing(false)];
  }
  const isMac = path.includes("macSignatureKeyInformation");
  const fields = async (own: Belongings, { identifier }: Reference): Promise<Fields> => {
    const wrapping = path.slice(0, -2);
    const put = (into: Fields, more: readonly string[], value: unknown) =>
      withValue(request, into, [...wrapping, ...more], value);
    const method = isMac ? WrappingMethod.EncryptThenMACSign : WrappingMethod.Encrypt;
    let whole = put(await withTarget(placed, own, wrappedFields(placed, path)), ["wrappingMethod"], method);
    whole = put(whole, ["encodingOption"], EncodingOption.NoEncoding);
    if (isMac) {
      const other = (await own.of("Symmetric Key", "Active", 1)).identifier;
      whole = put(whole, ["encryptionKeyInformation", "uniqueIdentifier"], other);
    }
    return withValue(request, whole, path, identifier);
  };
  const key = isMac ? "MAC or signature key" : "wrapping key";
  const overHalf = (kind: KindName, linkType: number): Road => ({
    name: `${key} over the link of its half`,
    versions: [V2_1],
    relations: ["stranger"],
    kinds: [kind === "Public Key" ? "Private Key" : "Public Key"],
    fields: async (own, reference) => {
      const identifier = await own.linked(kind, linkType, reference.identifier);
      return fields(own, { ...reference, identifier });
    },
  });
  // Register keeps a key as it comes, and looks at what wrapped it when it is to be given in plaintext.
  const isLookedAt = path[1] !== "keyBlock" || "keyWrapType" in request.fields;
  const asking: readonly Relation[] = isLookedAt ? relations : ["stranger", "colleague"];
  return [
    { name: key, kinds: ["Symmetric Key", "Private Key"], fields, relations: asking },
    // A public key without its private half unwraps and signs nothing: the half is not there.
    { name: key, kinds: ["Public Key"], hides: stateNames, fields, relations: asking },
    overHalf("Public Key", LinkType.PrivateKeyLink),
    overHalf("Private Key", LinkType.PublicKeyLink),
  ];
}

/** The fields of an object that comes wrapped, or of one that is to be given so. */
function wrappedFields(
  { operation: { name }, request }: PlacedOperation,
  [field = "", inner]: readonly string[],
): Fields {
  if (inner !== "keyBlock") return usualFields(name);
  const facts = objectFacts[field];
  if (facts === undefined) throw new RangeError(`nobody knows how a ${field} comes`);
  const keyBlock = { keyFormatType: KeyFormatType.Raw, keyValue: wrappedKey(), ...facts.block };
  const { symmetricKey: _usual, ...usual } = usualFields(name);
  const unwrapping = "keyWrapType" in request.fields ? { keyWrapType: KeyWrapType.NotWrapped } : {};
  return { ...usual, ...unwrapping, objectType: kindOf(facts.kind).objectType, [field]: { keyBlock } };
}

const objectFacts: Readonly<Record<string, { readonly kind: KindName; readonly block: Fields }>> = {
  symmetricKey: {
    kind: "Symmetric Key",
    block: { cryptographicAlgorithm: CryptographicAlgorithm.AES, cryptographicLength: 128 },
  },
  privateKey: { kind: "Private Key", block: {} },
  publicKey: { kind: "Public Key", block: {} },
  splitKey: { kind: "Split Key", block: {} },
  secretData: { kind: "Secret Data", block: {} },
  pgpKey: { kind: "PGP Key", block: {} },
};
/** Roads by links inside a Key Value. */
export function keyValueRoads(placed: PlacedOperation, { path }: Place): readonly Road[] {
  const [field = ""] = path;
  const kind = objectFacts[field]?.kind ?? "Symmetric Key";
  const fields = async (_own: Belongings, { identifier }: Reference): Promise<Fields> => {
    const keyValue = { keyMaterial: Buffer.alloc(16, 1), attributes: [linkTo(LinkType.PreviousLink, identifier)] };
    const { symmetricKey: _usual, ...usual } = usualFields(placed.operation.name);
    return {
      ...usual,
      objectType: kindOf(kind).objectType,
      [field]: { keyBlock: { keyFormatType: KeyFormatType.Raw, keyValue } },
    };
  };
  return [
    {
      name: "link inside a Key Value",
      kinds: [kind],
      states: ["Active", "Destroyed"],
      relations: ["stranger", "colleague"],
      fields,
    },
  ];
}
