/** Where the payload of an operation can name something that is kept: found in its declaration, field by field. */
import {
  bigInteger,
  boolean,
  type Codec,
  dateTime,
  dateTimeExtended,
  integer,
  interval,
  longInteger,
} from "#protocol/schema/codec.js";
import type { Field, StructureCodec } from "#protocol/schema/structure.js";
import { ticketLeaseTime } from "#protocol/structures/login.js";
import { objectNaming } from "#protocol/structures/unique-identifier.js";
import { Tag } from "#protocol/tags.js";
import type { VersionSpan } from "#protocol/versions.js";
import type { Operation } from "#src/operations/contract/operation.js";

/** What a field names, and so by which roads it is tried. */
export type Naming =
  /** An object, by its identifier, by the placeholder, or by another item of the batch. */
  | "object"
  /** An object, by its identifier alone. */
  | "identifier"
  /** Objects by their attributes: links, names, groups, and templates in 1.x. */
  | "attributes"
  /** Objects by the attributes inside a Key Value. */
  | "key value"
  /** Object groups. */
  | "group"
  /** An operation in parts, or an instance of PKCS#11. */
  | "stream"
  /** An asynchronous request. */
  | "asynchronous request"
  /** A ticket. */
  | "ticket"
  /** Sessions and objects of PKCS#11. */
  | "handles"
  /** Who asks. */
  | "credential";

/** One place of a payload that names something. */
export interface Place {
  readonly path: readonly string[];
  readonly naming: Naming;
  /** It may stand more than once. */
  readonly many: boolean;
  /** It may be left out. */
  readonly optional: boolean;
  /** Versions that have it, one for each step of the path. */
  readonly spans: readonly VersionSpan[];
}

/** What fields of a tag name. Codecs that read more than one type of item are told by their tag, too. */
const namings: ReadonlyMap<number, Naming> = new Map([
  [Tag.UniqueIdentifier, "object"],
  [Tag.PrivateKeyUniqueIdentifier, "object"],
  [Tag.CertificateRequestUniqueIdentifier, "object"],
  [Tag.KeyValue, "key value"],
  [Tag.ObjectGroup, "group"],
  [Tag.CorrelationValue, "stream"],
  [Tag.AsynchronousCorrelationValue, "asynchronous request"],
  [Tag.TicketValue, "ticket"],
  [Tag.PKCS_11InputParameters, "handles"],
  [Tag.Username, "credential"],
  [Tag.DeviceSerialNumber, "credential"],
  [Tag.DeviceIdentifier, "credential"],
  [Tag.NetworkIdentifier, "credential"],
  [Tag.MachineIdentifier, "credential"],
  [Tag.MediaIdentifier, "credential"],
] as const);

/** Fields of text, bytes or any item that name nothing the server keeps: what is worked on, said or proven. */
const contents: ReadonlySet<number> = new Set([
  // The Data of another item of the same message at most.
  Tag.Data,
  Tag.DigestedData,
  Tag.SignatureData,
  Tag.MACData,
  Tag.MACSignature,
  Tag.IVCounterNonce,
  Tag.InitializationVector,
  Tag.AuthenticatedEncryptionAdditionalData,
  Tag.AuthenticatedEncryptionTag,
  Tag.DerivationData,
  Tag.Salt,
  Tag.PSource,
  Tag.CertificateValue,
  Tag.CertificateRequest,
  Tag.CertificateRequestValue,
  Tag.OpaqueDataValue,
  Tag.RevocationMessage,
  Tag.AdjustmentValue,
  Tag.LogMessage,
  // The name of a test case.
  Tag.InteropIdentifier,
  Tag.PKCS_11Interface,
  Tag.PKCS_11Function,
  Tag.ProtocolVersion,
  Tag.AsynchronousIndicator,
  // What goes into the audit trail and back to the client.
  Tag.ClientCorrelationValue,
  Tag.ServerCorrelationValue,
  Tag.Password,
  Tag.OneTimePassword,
  Tag.HashedPassword,
  Tag.NonceID,
  Tag.NonceValue,
  Tag.AttestationMeasurement,
  Tag.AttestationAssertion,
]);

const attributeTags = [Tag.Attribute, Tag.Attributes, Tag.NewAttribute, Tag.CurrentAttribute, Tag.TemplateAttribute];

/** Codecs whose values are numbers, dates and switches. */
const plain: ReadonlySet<unknown> = new Set<unknown>([
  integer,
  longInteger,
  bigInteger,
  boolean,
  interval,
  dateTime,
  dateTimeExtended,
  ticketLeaseTime,
]);

function isStructure(codec: Codec<unknown>): codec is StructureCodec<unknown> {
  return "fields" in codec;
}

/** What a field without a codec of its own names: those are the fields of attributes. */
function namingOfAttributes({ tags }: Field<unknown>): Naming | undefined {
  return tags.some((tag) => attributeTags.some((each) => each === tag)) || tags.length > 1 ? "attributes" : undefined;
}

/** What a field names, "nothing", or undefined where nobody has decided that yet. */
function namingOf(field: Field<unknown>, codec: Codec<unknown>): Naming | "nothing" | undefined {
  if (plain.has(codec) || "tableTag" in codec) return "nothing";
  const naming = field.tags.map((tag) => namings.get(tag)).find((each) => each !== undefined);
  if (naming !== undefined) return naming;
  return field.tags.every((tag) => contents.has(tag)) ? "nothing" : undefined;
}

/** What was found in a declaration. */
export interface Found {
  readonly places: readonly Place[];
  /** Paths of fields that may name something, and of which nobody has said whether they do. */
  readonly undecided: readonly string[];
}

/** Everything in a structure that names something. */
export function placesIn(codec: StructureCodec<unknown>): Found {
  const places: Place[] = [];
  const undecided: string[] = [];
  const walk = (
    { fields }: StructureCodec<unknown>,
    before: readonly string[],
    outer: readonly VersionSpan[],
  ): void => {
    for (const [key, field] of Object.entries(fields)) {
      const path = [...before, key];
      const spans = [...outer, field.span];
      const facts = { path, spans, many: field.many === true, optional: field.optional };
      const inner = field.codec;
      if (inner !== undefined && isStructure(inner)) walk(inner, path, spans);
      else if (inner === undefined) {
        if (isNameOfAttribute(field)) continue;
        const naming = namingOfAttributes(field);
        if (naming === undefined) undecided.push(path.join("."));
        else places.push({ ...facts, naming });
      } else {
        const naming = namingOf(field, inner);
        if (naming === undefined) undecided.push(path.join("."));
        else if (naming !== "nothing") places.push({ ...facts, naming: exactNaming(naming, inner) });
      }
    }
  };
  walk(codec, [], []);
  return { places, undecided };
}

/** Fields that name attributes, not objects. */
function isNameOfAttribute({ tags }: Field<unknown>): boolean {
  return tags.some((tag) => tag === Tag.AttributeName || tag === Tag.AttributeReference);
}

/** Identifiers that are text stand for themselves: no placeholder takes their place. */
function exactNaming(naming: Naming, codec: Codec<unknown>): Naming {
  return naming === "object" && codec !== objectNaming ? "identifier" : naming;
}

/** An operation with the places of its payload. */
export interface PlacedOperation {
  readonly operation: Operation;
  readonly request: StructureCodec<unknown>;
  readonly places: readonly Place[];
}

/** The operations of a list with their places. Throws RangeError where a declaration leaves it open whether a field names something. */
export function placedOperations(operations: readonly Operation[]): readonly PlacedOperation[] {
  return operations.map((operation) => {
    const { request, name } = operation;
    if (!isStructure(request)) throw new RangeError(`the request of ${name} is no structure`);
    const { places, undecided } = placesIn(request);
    if (undecided.length > 0) throw new RangeError(`whether they name something: ${name} ${undecided.join(", ")}`);
    return { operation, request, places };
  });
}
