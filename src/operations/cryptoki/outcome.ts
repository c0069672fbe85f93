import { PKCS_11ReturnCode } from "#protocol/enums/index.js";
import { CryptoError, type CryptoErrorCode } from "#src/crypto/port.js";
import { KmipError, type ReasonName } from "#src/objects/kmip-error.js";

/** The name of a return code, as in `PKCS_11ReturnCode.OK`. */
export type ReturnCodeName = keyof typeof PKCS_11ReturnCode;

/** What a function of PKCS#11 comes to. */
export interface Answer {
  readonly returnCode: ReturnCodeName;
  readonly output?: Buffer | undefined;
}

/** Success, with what the function gives back. */
export function ok(output?: Buffer): Answer {
  return { returnCode: "OK", output };
}

/** A function ends without success: the return code goes into the answer, the work done so far is taken back. */
export class Refusal extends Error {
  readonly returnCode: ReturnCodeName;

  constructor(returnCode: ReturnCodeName) {
    super(`CKR_${returnCode}`);
    this.name = "Refusal";
    this.returnCode = returnCode;
  }
}

/** What the reasons of KMIP operations are called in PKCS#11. Any other is a failure of the KMIP operation itself. */
const byReason: Readonly<Partial<Record<ReasonName, ReturnCodeName>>> = {
  PermissionDenied: "ACTION_PROHIBITED",
  NotAuthorised: "ACTION_PROHIBITED",
  IncompatibleCryptographicUsageMask: "KEY_FUNCTION_NOT_PERMITTED",
  WrongKeyLifecycleState: "KEY_FUNCTION_NOT_PERMITTED",
  UsageLimitExceeded: "KEY_FUNCTION_NOT_PERMITTED",
  ItemNotFound: "OBJECT_HANDLE_INVALID",
  ObjectNotFound: "OBJECT_HANDLE_INVALID",
  ObjectDestroyed: "OBJECT_HANDLE_INVALID",
  ObjectArchived: "OBJECT_HANDLE_INVALID",
  InvalidObjectType: "KEY_TYPE_INCONSISTENT",
  KeyValueNotPresent: "KEY_HANDLE_INVALID",
  BadCryptographicParameters: "MECHANISM_PARAM_INVALID",
  MissingInitializationVector: "MECHANISM_PARAM_INVALID",
  UnsupportedCryptographicParameters: "MECHANISM_INVALID",
  CryptographicFailure: "DATA_INVALID",
  // The length of an authentication tag, and nothing else that these functions reach.
  GeneralFailure: "MECHANISM_PARAM_INVALID",
  NotExtractable: "KEY_UNEXTRACTABLE",
  Sensitive: "KEY_UNEXTRACTABLE",
  InvalidField: "ATTRIBUTE_VALUE_INVALID",
  InvalidAttribute: "TEMPLATE_INCONSISTENT",
  InvalidAttributeValue: "ATTRIBUTE_VALUE_INVALID",
  UnsupportedAttribute: "ATTRIBUTE_TYPE_INVALID",
  ServerLimitExceeded: "DEVICE_MEMORY",
  InvalidMessage: "ARGUMENTS_BAD",
  FeatureNotSupported: "FUNCTION_NOT_SUPPORTED",
  NonUniqueNameAttribute: "ATTRIBUTE_VALUE_INVALID",
  KeyWrapTypeNotSupported: "KEY_NOT_WRAPPABLE",
  EncodingOptionError: "KEY_NOT_WRAPPABLE",
};

/** The same for what the partition says; its being out of reach or broken is no answer of PKCS#11's. */
const byCryptoError: Readonly<Partial<Record<CryptoErrorCode, ReturnCodeName>>> = {
  "invalid-data": "DATA_INVALID",
  "decryption-failed": "ENCRYPTED_DATA_INVALID",
  unsupported: "MECHANISM_INVALID",
  "not-extractable": "KEY_UNEXTRACTABLE",
  "token-full": "DEVICE_MEMORY",
};

/** Return codes as one function words them. */
export type Wording = Readonly<Partial<Record<ReturnCodeName, ReturnCodeName>>>;

/** The return code for what was thrown, or undefined where the KMIP operation itself has failed. */
export function refusalOf(thrown: unknown, wording: Wording = {}): ReturnCodeName | undefined {
  const returnCode = nameOf(thrown);
  if (returnCode === undefined || thrown instanceof Refusal) return returnCode;
  return wording[returnCode] ?? returnCode;
}

function nameOf(thrown: unknown): ReturnCodeName | undefined {
  if (thrown instanceof Refusal) return thrown.returnCode;
  if (thrown instanceof KmipError) return byReason[thrown.reason];
  if (thrown instanceof CryptoError) return byCryptoError[thrown.code];
  return undefined;
}

/** The number of a return code. */
export function returnCodeValue(name: ReturnCodeName): number {
  return PKCS_11ReturnCode[name];
}
