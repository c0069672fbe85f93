import { AsynchronousIndicator } from "../enums/index.js";
import { byVersion, mapped } from "../schema/choice.js";
import {
  boolean,
  byteString,
  type Codec,
  dateTime,
  dateTimeExtended,
  integer,
  textString,
  type ValueOf,
} from "../schema/codec.js";
import { enumerationFor, optionalEnumeration, requiredEnumeration } from "../schema/enumeration.js";
import { optional, repeated, required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import {
  highestMinor,
  majorOf,
  minorOf,
  type ProtocolVersion,
  protocolVersion,
  V1_1,
  V1_2,
  V1_4,
  V2_0,
} from "../versions.js";

const protocolVersionStructure = structure("ProtocolVersion", {
  major: required(Tag.ProtocolVersionMajor, integer),
  minor: required(Tag.ProtocolVersionMinor, integer),
});

const noVersion: ProtocolVersion = -1;

/**
 * Protocol Version (KMIP 2.1 §9.15) as the ordered number of versions.ts. A minor version that the number has no room
 * for is read as the highest it has room for, and one with a negative number as -1: nobody speaks any of them.
 */
export const protocolVersionCodec: Codec<ProtocolVersion> = mapped(
  protocolVersionStructure,
  ({ major, minor }) => {
    if (major < 0 || minor < 0) return noVersion;
    return protocolVersion(major, Math.min(minor, highestMinor));
  },
  (version) => ({ major: majorOf(version), minor: minorOf(version) }),
);

/** Nonce (KMIP 2.1 §7.19). */
export const nonce = structure("Nonce", {
  nonceId: required(Tag.NonceID, byteString),
  nonceValue: required(Tag.NonceValue, byteString),
});

/** Ticket (KMIP 2.1 §7.38). */
export const ticket = structure("Ticket", {
  ticketType: requiredEnumeration(Tag.TicketType),
  ticketValue: required(Tag.TicketValue, byteString),
});

/** Credential Value of every Credential Type (KMIP 2.1 §7.9): which fields stand follows from the type. */
export const credentialValue = structure("CredentialValue", {
  username: optional(Tag.Username, textString),
  deviceSerialNumber: optional(Tag.DeviceSerialNumber, textString, { since: V1_1 }),
  password: optional(Tag.Password, textString),
  oneTimePassword: optional(Tag.OneTimePassword, textString, { since: V2_0 }),
  timeStamp: optional(Tag.TimeStamp, dateTimeExtended, { since: V2_0 }),
  hashingAlgorithm: optionalEnumeration(Tag.HashingAlgorithm, { since: V2_0 }),
  hashedPassword: optional(Tag.HashedPassword, byteString, { since: V2_0 }),
  deviceIdentifier: optional(Tag.DeviceIdentifier, textString, { since: V1_1 }),
  networkIdentifier: optional(Tag.NetworkIdentifier, textString, { since: V1_1 }),
  machineIdentifier: optional(Tag.MachineIdentifier, textString, { since: V1_1 }),
  mediaIdentifier: optional(Tag.MediaIdentifier, textString, { since: V1_1 }),
  nonce: optional(Tag.Nonce, nonce, { since: V1_2 }),
  attestationType: optionalEnumeration(Tag.AttestationType, { since: V1_2 }),
  attestationMeasurement: optional(Tag.AttestationMeasurement, byteString, { since: V1_2 }),
  attestationAssertion: optional(Tag.AttestationAssertion, byteString, { since: V1_2 }),
  ticket: optional(Tag.Ticket, ticket, { since: V2_0 }),
});

/** Credential (KMIP 2.1 §7.9). */
export const credential = structure("Credential", {
  credentialType: requiredEnumeration(Tag.CredentialType),
  credentialValue: required(Tag.CredentialValue, credentialValue),
});
export type Credential = ValueOf<typeof credential>;

/** Authentication (KMIP 2.1 §9.4). */
export const authentication = structure("Authentication", { credential: repeated(Tag.Credential, credential) });

/** Asynchronous Indicator: a Boolean in 1.x, which reads as Optional or Prohibited; an Enumeration since 2.0. */
export const asynchronousIndicator: Codec<number> = byVersion((version) =>
  version < V2_0
    ? mapped<boolean, number>(
        boolean,
        (allowed) => (allowed ? AsynchronousIndicator.Optional : AsynchronousIndicator.Prohibited),
        (value) => value !== AsynchronousIndicator.Prohibited,
      )
    : enumerationFor(Tag.AsynchronousIndicator),
);

/** Request Header (KMIP 2.1 §8.2). */
export const requestHeader = structure("RequestHeader", {
  protocolVersion: required(Tag.ProtocolVersion, protocolVersionCodec),
  maximumResponseSize: optional(Tag.MaximumResponseSize, integer),
  clientCorrelationValue: optional(Tag.ClientCorrelationValue, textString, { since: V1_4 }),
  serverCorrelationValue: optional(Tag.ServerCorrelationValue, textString, { since: V1_4 }),
  asynchronousIndicator: optional(Tag.AsynchronousIndicator, asynchronousIndicator),
  attestationCapableIndicator: optional(Tag.AttestationCapableIndicator, boolean, { since: V1_2 }),
  attestationType: repeated(Tag.AttestationType, enumerationFor(Tag.AttestationType), { since: V1_2 }),
  authentication: optional(Tag.Authentication, authentication),
  batchErrorContinuationOption: optionalEnumeration(Tag.BatchErrorContinuationOption),
  batchOrderOption: optional(Tag.BatchOrderOption, boolean),
  timeStamp: optional(Tag.TimeStamp, dateTime),
  batchCount: required(Tag.BatchCount, integer),
});
export type RequestHeader = ValueOf<typeof requestHeader>;

/** Response Header (KMIP 2.1 §8.5). */
export const responseHeader = structure("ResponseHeader", {
  protocolVersion: required(Tag.ProtocolVersion, protocolVersionCodec),
  timeStamp: required(Tag.TimeStamp, dateTime),
  nonce: optional(Tag.Nonce, nonce, { since: V1_2 }),
  serverHashedPassword: optional(Tag.ServerHashedPassword, byteString, { since: V2_0 }),
  attestationType: repeated(Tag.AttestationType, enumerationFor(Tag.AttestationType), { since: V1_2 }),
  clientCorrelationValue: optional(Tag.ClientCorrelationValue, textString, { since: V1_4 }),
  serverCorrelationValue: optional(Tag.ServerCorrelationValue, textString, { since: V1_4 }),
  batchCount: required(Tag.BatchCount, integer),
});
export type ResponseHeader = ValueOf<typeof responseHeader>;
