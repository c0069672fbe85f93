import { type ProtocolVersion, V1_3 } from "#protocol/versions.js";

/** A difference between PyKMIP 0.10 and this server that is known, by what PyKMIP complains of. */
export interface Difference {
  readonly complaint: RegExp;
  /** Where it may appear, such as `Get response`; everywhere where left out. */
  readonly where?: ReadonlySet<string>;
  readonly since?: ProtocolVersion;
  readonly why: string;
}

/** What PyKMIP says of operations that it does not have: of these nothing can be compared. */
export const withoutOperation = /^NotImplementedError: $|unsupported operation/;

/** PyKMIP has no place for these and stops at what is left over. */
const extended = new Set([
  ...["Register request", "ReKey request", "ReKey response", "DeriveKey request", "Locate request"],
  ...["Get request", "Get response", "ModifyAttribute request", "Query request", "Query response"],
  ...["ReKeyKeyPair request", "ReKeyKeyPair response", "Encrypt request", "Encrypt response"],
  ...["Decrypt request", "Decrypt response", "Sign request", "SignatureVerify request", "MAC request", "MAC response"],
]);

export const differences: readonly Difference[] = [
  {
    complaint: /Unrecognized attribute type|No value type for/,
    why: "attributes that PyKMIP does not know",
  },
  {
    complaint:
      /is missing (the|either)|missing the .* (field|attribute)|not found$|unpack requires a buffer of \d+ bytes/,
    why: "fields that the specification lets be left out and PyKMIP demands",
  },
  {
    complaint: /Tried to read Base\.(tag|type): expected/,
    why: "fields in the place of those that are left out",
  },
  {
    complaint: /^StreamNotEmptyError/,
    where: extended,
    why: "derivation data in several parts, key material in structures, fields of later versions",
  },
  {
    complaint: /^StreamNotEmptyError/,
    since: V1_3,
    why: "fields that Cryptographic Parameters and other structures have had since 1.3",
  },
  {
    complaint: /Unrecognized secret type|invalid key material|is not a valid (KeyFormatType|ObjectGroupMember)/,
    why: "objects and formats that PyKMIP does not know",
  },
];
