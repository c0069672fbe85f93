/** How an answered value may differ from the one a case shows. The type must be the same in every case. */
export type Acceptance =
  /** Any value of the type that is not empty. */
  | "any-value"
  /** Any content of a structure. */
  | "any-content"
  /** A moment between the start of the case and now, unless a request of the case sent the shown date. */
  | "moment-of-run"
  /** A moment between the start of the case and now, whatever was sent. */
  | "now"
  /** A value of the same length; exactly the one shown where a request of the case sent it. */
  | "same-length"
  /** A value whose length differs by at most sixteen bytes, as encodings of large numbers do. */
  | "near-length"
  /** May stand or be missing, with any value. */
  | "optional"
  /** A list that must hold every value shown, in any order, and may hold more. */
  | "at-least"
  /** A list that must hold exactly the values shown, in any order. */
  | "any-order"
  /** A structure whose fields may stand in any order. */
  | "fields-in-any-order";

/** When a tolerance holds. */
export type Condition =
  /** The value comes of random numbers: an object the server made, an IV it chose, a salted padding or signature. */
  | "random"
  /** The request names no attribute. */
  | "no-attribute-named"
  /** The request names no protocol version. */
  | "no-version-named";

/** One thing that the comparator lets differ. */
export interface Tolerance {
  /** The normalised name of the tag; for an attribute of KMIP 1.x, of the attribute. */
  readonly field: string;
  readonly accepts: Acceptance;
  /** The operations in whose answers it holds; everywhere if left out. */
  readonly operations?: readonly string[];
  readonly condition?: Condition;
  /** Whether one object gives the same value each time. */
  readonly constant?: true;
  readonly reason: string;
}

const clock = "The server's own clock decides; the case shows when it was recorded.";
const generated = "Random: the server generated the key, so the case can only show one example.";
const capability = "What else a server offers is its own choice; it must offer what the case shows.";
const moreAttributes =
  "Additional attributes beyond those noted in the response (Encodings 1.0 §8.4.1 item 19); the list has no order.";
const order = "The specification gives the list no order.";

/** Everything the comparator lets differ, with the reason. All else must be equal in type, value and order. */
export const tolerances: readonly Tolerance[] = [
  { field: "TimeStamp", accepts: "now", reason: clock },
  { field: "InitialDate", accepts: "moment-of-run", reason: clock },
  { field: "LastChangeDate", accepts: "moment-of-run", reason: clock },
  { field: "OriginalCreationDate", accepts: "moment-of-run", reason: clock },
  { field: "ActivationDate", accepts: "moment-of-run", reason: clock },
  { field: "DeactivationDate", accepts: "moment-of-run", reason: clock },
  { field: "CompromiseDate", accepts: "moment-of-run", reason: clock },
  { field: "DestroyDate", accepts: "moment-of-run", reason: clock },
  { field: "ArchiveDate", accepts: "moment-of-run", reason: clock },
  {
    field: "ServerCorrelationValue",
    accepts: "optional",
    reason: "A server SHOULD, not SHALL, provide it (KMIP 2.1 §9.10).",
  },
  {
    field: "ResultMessage",
    accepts: "any-value",
    reason: "Text for people in the words of the server (KMIP 2.1 §9.17).",
  },
  { field: "LeaseTime", accepts: "any-value", reason: "A policy of the server (KMIP 2.1 §4.29)." },
  { field: "VendorIdentification", accepts: "any-value", operations: ["Query"], reason: "Names the server's vendor." },
  {
    field: "ServerInformation",
    accepts: "any-content",
    operations: ["Query"],
    reason: "Vendor-specific by definition.",
  },
  { field: "Operation", accepts: "at-least", operations: ["Query"], reason: capability },
  { field: "ObjectType", accepts: "at-least", operations: ["Query"], reason: capability },
  { field: "ProfileInformation", accepts: "at-least", operations: ["Query"], reason: capability },
  { field: "AttestationType", accepts: "at-least", operations: ["Query"], reason: capability },
  { field: "CapabilityInformation", accepts: "any-content", operations: ["Query"], reason: capability },
  {
    field: "DataLength",
    accepts: "any-value",
    operations: ["RNGSeed"],
    reason: "A server may use all, some or none of a seed (KMIP 2.1 §6.1.50); the cases show both.",
  },
  { field: "ApplicationNamespace", accepts: "at-least", operations: ["Query"], reason: capability },
  {
    field: "ProtocolVersion",
    accepts: "at-least",
    operations: ["DiscoverVersions"],
    condition: "no-version-named",
    reason: capability,
  },
  { field: "AttributeName", accepts: "any-order", operations: ["GetAttributeList"], reason: order },
  { field: "AttributeReference", accepts: "any-order", operations: ["GetAttributeList"], reason: order },
  {
    field: "Attribute",
    accepts: "at-least",
    operations: ["GetAttributes", "Put"],
    condition: "no-attribute-named",
    reason: moreAttributes,
  },
  {
    field: "Attributes",
    accepts: "fields-in-any-order",
    operations: ["GetAttributes"],
    condition: "no-attribute-named",
    reason: order,
  },
  { field: "KeyMaterial", accepts: "near-length", condition: "random", constant: true, reason: generated },
  { field: "KeyValue", accepts: "near-length", condition: "random", reason: generated },
  { field: "Modulus", accepts: "near-length", condition: "random", constant: true, reason: generated },
  { field: "PrivateExponent", accepts: "near-length", condition: "random", constant: true, reason: generated },
  { field: "P", accepts: "near-length", condition: "random", constant: true, reason: generated },
  { field: "Q", accepts: "near-length", condition: "random", constant: true, reason: generated },
  { field: "PrimeExponentP", accepts: "near-length", condition: "random", constant: true, reason: generated },
  { field: "PrimeExponentQ", accepts: "near-length", condition: "random", constant: true, reason: generated },
  { field: "CRTCoefficient", accepts: "near-length", condition: "random", constant: true, reason: generated },
  { field: "DigestValue", accepts: "same-length", condition: "random", constant: true, reason: generated },
  { field: "Data", accepts: "same-length", operations: ["Encrypt", "Decrypt"], condition: "random", reason: generated },
  { field: "AuthenticatedEncryptionTag", accepts: "same-length", condition: "random", reason: generated },
  {
    field: "RandomNumberGenerator",
    accepts: "any-content",
    condition: "random",
    reason: "Tells which generator the server has; the case shows that of the server it was recorded with.",
  },
  { field: "MACData", accepts: "same-length", condition: "random", reason: generated },
  { field: "SignatureData", accepts: "near-length", condition: "random", reason: generated },
  { field: "IVCounterNonce", accepts: "same-length", condition: "random", reason: "Random: the server chose the IV." },
  {
    field: "PKCS_11OutputParameters",
    accepts: "same-length",
    operations: ["PKCS_11"],
    reason: "C_GetInfo names the maker and the version of the library, which differ from server to server.",
  },
  {
    field: "Data",
    accepts: "same-length",
    operations: ["RNGRetrieve"],
    reason: "Random by definition of the operation.",
  },
];

/** The tolerance for a field of an operation's answer, if there is one whose condition holds. */
export function toleranceOf(
  field: string,
  operation: string | undefined,
  holds: (condition: Condition) => boolean,
): Tolerance | undefined {
  return tolerances.find(
    (row) =>
      row.field === field &&
      (row.operations === undefined || (operation !== undefined && row.operations.includes(operation))) &&
      (row.condition === undefined || holds(row.condition)),
  );
}
