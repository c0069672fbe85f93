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

  /** The Result Reason in the words of a version, and of the error table that the failed operation has in it. */
  reasonFor(version: ProtocolVersion, { oneXReasons = {}, twoXReasons = {} }: OwnReasons = {}): number {
    if (version < V2_0) return reasonFor(this.oneXReason ?? oneXReasons[this.reason] ?? this.reason, version);
    const word = twoXWords[this.reason] ?? this.reason;
    const own = twoXReasons[word];
    return own === undefined ? reasonFor(word, version) : ResultReason[own];
  }
}

/** What an error table calls a reason, where it has a word of its own. */
export type ReasonWords = Readonly<Partial<Record<ReasonName, ReasonName>>>;

/** The words of one operation's error tables. */
export interface OwnReasons {
  /** Its table in 1.x (KMIP 1.4 §11). */
  readonly oneXReasons?: ReasonWords;
  /** Its Error Handling table in 2.x (KMIP 2.1 §6.1), which both editions have alike. */
  readonly twoXReasons?: ReasonWords;
}

/**
 * What a reason is called before 2.0, whose error tables name only general ones; of the reasons that 2.1 brought, also
 * what they are called in 2.0.
 */
const generalWords: ReasonWords = {
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
};

/** Reasons that the error tables of 2.x do not name, and what they name instead. */
const twoXWords: ReasonWords = {
  ItemNotFound: "ObjectNotFound",
  IllegalOperation: "PermissionDenied",
  IndexOutOfBounds: "AttributeInstanceNotFound",
};

/**
 * The Error Handling tables of 2.0 name Wrong Key Lifecycle State where those of 2.1 do, but for the operations on
 * attributes; its published cases say Permission Denied (AKLC-M-2-20).
 */
const twoZeroWords: ReasonWords = { WrongKeyLifecycleState: "PermissionDenied" };

/** The Result Reason value for a reason in a version: always one the version knows. */
export function reasonFor(reason: ReasonName, version: ProtocolVersion): number {
  const told = ResultReason[wordFor(reason, version)];
  if (isKnownIn(ResultReasonTable, told, version)) return told;
  const general = ResultReason[generalWords[twoXWords[reason] ?? reason] ?? "GeneralFailure"];
  return isKnownIn(ResultReasonTable, general, version) ? general : ResultReason.GeneralFailure;
}

function wordFor(reason: ReasonName, version: ProtocolVersion): ReasonName {
  if (version >= V2_1) return twoXWords[reason] ?? reason;
  if (version >= V2_0) return twoZeroWords[reason] ?? twoXWords[reason] ?? reason;
  const edition = sinceEdition[reason];
  if (edition !== undefined && version >= edition) return reason;
  return generalWords[reason] ?? (edition === undefined ? reason : "GeneralFailure");
}
