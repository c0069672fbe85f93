import { isKnownIn, ResultReason, ResultReasonTable } from "#protocol/enums/index.js";
import { type ProtocolVersion, V2_0, V2_1 } from "#protocol/versions.js";

/** The name of a Result Reason, as in `ResultReason.ItemNotFound`. */
export type ReasonName = keyof typeof ResultReason;

/**
 * The one error that operations and the pipeline throw: a request cannot be done, and this is what the client is told.
 * The message is short and safe to send; `cause` stays in the log.
 */
export class KmipError extends Error {
  readonly reason: ReasonName;
  /** What 1.x calls it, where this error has a word of its own there. */
  readonly oneXReason: ReasonName | undefined;

  /** `oneXReason` is what the error tables of 1.x call it, where that is not what the reason is called there in general. */
  constructor(
    reason: ReasonName,
    message: string,
    options: { readonly cause?: unknown; readonly oneXReason?: ReasonName | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "KmipError";
    this.reason = reason;
    this.oneXReason = options.oneXReason;
  }

  /** The Result Reason in the words of a version: reasons that came with 2.1's error tables are told in older ones. */
  reasonFor(version: ProtocolVersion, oneXReasons: OneXReasons = {}): number {
    const oneX = this.oneXReason ?? oneXReasons[this.reason] ?? this.reason;
    return reasonFor(version < V2_0 ? oneX : this.reason, version);
  }
}

/** What the error table of an operation in 1.x calls a reason, where it has a word of its own (KMIP 1.4 §11). */
export type OneXReasons = Readonly<Partial<Record<ReasonName, ReasonName>>>;

/**
 * What a reason is called before 2.1. The precise reasons have values since 2.0, but the error tables of 2.0 and
 * before name only the general ones, and clients of those versions know no others.
 */
const beforeTwoOne: Readonly<Partial<Record<ReasonName, ReasonName>>> = {
  AttributeInstanceNotFound: "ItemNotFound",
  AttributeNotFound: "ItemNotFound",
  AttributeReadOnly: "PermissionDenied",
  AttributeSingleValued: "InvalidField",
  BadCryptographicParameters: "InvalidField",
  BadPassword: "AuthenticationNotSuccessful",
  CodecError: "InvalidMessage",
  ConstraintViolation: "PermissionDenied",
  IllegalObjectType: "InvalidField",
  IncompatibleCryptographicUsageMask: "PermissionDenied",
  InternalServerError: "GeneralFailure",
  InvalidAsynchronousCorrelationValue: "ItemNotFound",
  InvalidAttribute: "InvalidField",
  InvalidAttributeValue: "InvalidField",
  InvalidCorrelationValue: "ItemNotFound",
  InvalidCSR: "InvalidField",
  InvalidDataType: "InvalidMessage",
  InvalidObjectType: "InvalidField",
  InvalidTicket: "AuthenticationNotSuccessful",
  KeyWrapTypeNotSupported: "FeatureNotSupported",
  MissingInitializationVector: "InvalidMessage",
  MultiValuedAttribute: "InvalidField",
  NonUniqueNameAttribute: "InvalidField",
  NotAuthorised: "PermissionDenied",
  NotExtractable: "PermissionDenied",
  NumericRange: "InvalidField",
  ObjectAlreadyExists: "InvalidField",
  ObjectDestroyed: "ItemNotFound",
  ObjectNotFound: "ItemNotFound",
  ProtectionStorageUnavailable: "FeatureNotSupported",
  ReadOnlyAttribute: "PermissionDenied",
  Sensitive: "PermissionDenied",
  ServerLimitExceeded: "GeneralFailure",
  UnknownEnumeration: "InvalidField",
  UnknownMessageExtension: "FeatureNotSupported",
  UnknownObjectGroup: "ItemNotFound",
  UnknownTag: "InvalidMessage",
  UnsupportedAttribute: "InvalidField",
  UnsupportedCryptographicParameters: "InvalidField",
  UnsupportedProtocolVersion: "InvalidMessage",
  UsageLimitExceeded: "PermissionDenied",
  WrappingObjectArchived: "ObjectArchived",
  WrappingObjectDestroyed: "ItemNotFound",
  WrappingObjectNotFound: "ItemNotFound",
  WrongKeyLifecycleState: "PermissionDenied",
  KeyValueNotPresent: "ItemNotFound",
};

/** Reasons that 1.x editions after 1.0 brought: value of the edition, to be kept from there on. */
const sinceEdition: Readonly<Partial<Record<ReasonName, ProtocolVersion>>> = {
  EncodingOptionError: 101,
  KeyValueNotPresent: 102,
  AttestationRequired: 102,
  AttestationFailed: 102,
  Sensitive: 104,
  NotExtractable: 104,
  ObjectAlreadyExists: 104,
  InvalidCSR: 200,
  ProtectionStorageUnavailable: 200,
  PrivateProtectionStorageUnavailable: 200,
  PublicProtectionStorageUnavailable: 200,
};

/**
 * Reasons older than 2.0 that the newest editions dropped, and what they say instead; and a missing IV, which the test
 * cases of 2.1 want to hear of in the old way (CS-BC-M-12).
 */
const sinceTwoOne: Readonly<Partial<Record<ReasonName, ReasonName>>> = {
  ItemNotFound: "ObjectNotFound",
  IllegalOperation: "PermissionDenied",
  IndexOutOfBounds: "AttributeInstanceNotFound",
  MissingInitializationVector: "InvalidMessage",
};

/** The Result Reason value for a reason in a version: always one the version knows. */
export function reasonFor(reason: ReasonName, version: ProtocolVersion): number {
  const told = ResultReason[wordFor(reason, version)];
  if (isKnownIn(ResultReasonTable, told, version)) return told;
  const dropped = sinceTwoOne[reason];
  const substitute = ResultReason[dropped === undefined ? "GeneralFailure" : (beforeTwoOne[dropped] ?? dropped)];
  return isKnownIn(ResultReasonTable, substitute, version) ? substitute : ResultReason.GeneralFailure;
}

function wordFor(reason: ReasonName, version: ProtocolVersion): ReasonName {
  if (version >= V2_1) return sinceTwoOne[reason] ?? reason;
  const edition = sinceEdition[reason];
  if (edition !== undefined && version >= edition) return reason;
  return beforeTwoOne[reason] ?? (edition === undefined ? reason : "GeneralFailure");
}
