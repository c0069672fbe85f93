import { V1_0, V1_1, V1_2, V1_3, V1_4, V2_0, V2_1, V3_0 } from "../versions.js";
import { enumerationTable, type ValueOf } from "./table.js";

/** Operation (KMIP 2.1 §11.36). */
export const OperationTable = enumerationTable("Operation", {
  Create: [0x01, V1_0],
  CreateKeyPair: [0x02, V1_0],
  Register: [0x03, V1_0],
  ReKey: [0x04, V1_0],
  DeriveKey: [0x05, V1_0],
  Certify: [0x06, V1_0],
  ReCertify: [0x07, V1_0],
  Locate: [0x08, V1_0],
  Check: [0x09, V1_0],
  Get: [0x0a, V1_0],
  GetAttributes: [0x0b, V1_0],
  GetAttributeList: [0x0c, V1_0],
  AddAttribute: [0x0d, V1_0],
  ModifyAttribute: [0x0e, V1_0],
  DeleteAttribute: [0x0f, V1_0],
  ObtainLease: [0x10, V1_0],
  GetUsageAllocation: [0x11, V1_0],
  Activate: [0x12, V1_0],
  Revoke: [0x13, V1_0],
  Destroy: [0x14, V1_0],
  Archive: [0x15, V1_0],
  Recover: [0x16, V1_0],
  Validate: [0x17, V1_0],
  Query: [0x18, V1_0],
  Cancel: [0x19, V1_0],
  Poll: [0x1a, V1_0],
  Notify: [0x1b, V1_0],
  Put: [0x1c, V1_0],
  ReKeyKeyPair: [0x1d, V1_1],
  DiscoverVersions: [0x1e, V1_1],
  Encrypt: [0x1f, V1_2],
  Decrypt: [0x20, V1_2],
  Sign: [0x21, V1_2],
  SignatureVerify: [0x22, V1_2],
  MAC: [0x23, V1_2],
  MACVerify: [0x24, V1_2],
  RNGRetrieve: [0x25, V1_2],
  RNGSeed: [0x26, V1_2],
  Hash: [0x27, V1_2],
  CreateSplitKey: [0x28, V1_2],
  JoinSplitKey: [0x29, V1_2],
  Import: [0x2a, V1_4],
  Export: [0x2b, V1_4],
  Log: [0x2c, V2_0],
  Login: [0x2d, V2_0],
  Logout: [0x2e, V2_0],
  DelegatedLogin: [0x2f, V2_0],
  AdjustAttribute: [0x30, V2_0],
  SetAttribute: [0x31, V2_0],
  SetEndpointRole: [0x32, V2_0],
  PKCS_11: [0x33, V2_0],
  Interop: [0x34, V2_0],
  ReProvision: [0x35, V2_0],
  SetDefaults: [0x36, V2_1],
  SetConstraints: [0x37, V2_1],
  GetConstraints: [0x38, V2_1],
  QueryAsynchronousRequests: [0x39, V2_1],
  Process: [0x3a, V2_1],
  Ping: [0x3b, V2_1],
  CreateGroup: [0x3c, V3_0],
  Obliterate: [0x3d, V3_0],
  CreateUser: [0x3e, V3_0],
  CreateCredential: [0x3f, V3_0],
  Deactivate: [0x40, V3_0],
});
export const Operation = OperationTable.values;
export type Operation = ValueOf<typeof Operation>;

/** Result Status (KMIP 2.1 §11.47). */
export const ResultStatusTable = enumerationTable("ResultStatus", {
  Success: [0x00, V1_0],
  OperationFailed: [0x01, V1_0],
  OperationPending: [0x02, V1_0],
  OperationUndone: [0x03, V1_0],
});
export const ResultStatus = ResultStatusTable.values;
export type ResultStatus = ValueOf<typeof ResultStatus>;

/** Batch Error Continuation Option (KMIP 2.1 §11.5). */
export const BatchErrorContinuationOptionTable = enumerationTable("BatchErrorContinuationOption", {
  Continue: [0x01, V1_0],
  Stop: [0x02, V1_0],
  Undo: [0x03, V1_0],
});
export const BatchErrorContinuationOption = BatchErrorContinuationOptionTable.values;
export type BatchErrorContinuationOption = ValueOf<typeof BatchErrorContinuationOption>;

/** Credential Type (KMIP 2.1 §11.11). */
export const CredentialTypeTable = enumerationTable("CredentialType", {
  UsernameAndPassword: [0x01, V1_0],
  Device: [0x02, V1_1],
  Attestation: [0x03, V1_2],
  OneTimePassword: [0x04, V2_0],
  HashedPassword: [0x05, V2_0],
  Ticket: [0x06, V2_0],
});
export const CredentialType = CredentialTypeTable.values;
export type CredentialType = ValueOf<typeof CredentialType>;

/** Attestation Type (KMIP 2.1 §11.4). */
export const AttestationTypeTable = enumerationTable("AttestationType", {
  TPMQuote: [0x01, V1_2],
  TCGIntegrityReport: [0x02, V1_2],
  SAMLAssertion: [0x03, V1_2],
});
export const AttestationType = AttestationTypeTable.values;
export type AttestationType = ValueOf<typeof AttestationType>;

/** Ticket Type (KMIP 2.1 §11.57). */
export const TicketTypeTable = enumerationTable("TicketType", {
  Login: [0x01, V2_0],
});
export const TicketType = TicketTypeTable.values;
export type TicketType = ValueOf<typeof TicketType>;

/** Asynchronous Indicator (KMIP 2.1 §11.3). */
export const AsynchronousIndicatorTable = enumerationTable("AsynchronousIndicator", {
  Mandatory: [0x01, V2_0],
  Optional: [0x02, V2_0],
  Prohibited: [0x03, V2_0],
});
export const AsynchronousIndicator = AsynchronousIndicatorTable.values;
export type AsynchronousIndicator = ValueOf<typeof AsynchronousIndicator>;

/** Cancellation Result (KMIP 2.1 §11.7). */
export const CancellationResultTable = enumerationTable("CancellationResult", {
  Canceled: [0x01, V1_0],
  UnableToCancel: [0x02, V1_0],
  Completed: [0x03, V1_0],
  Failed: [0x04, V1_0],
  Unavailable: [0x05, V1_0],
});
export const CancellationResult = CancellationResultTable.values;
export type CancellationResult = ValueOf<typeof CancellationResult>;

/** Processing Stage (KMIP 2.1 §11.40). */
export const ProcessingStageTable = enumerationTable("ProcessingStage", {
  Submitted: [0x01, V2_1],
  InProcess: [0x02, V2_1],
  Completed: [0x03, V2_1],
});
export const ProcessingStage = ProcessingStageTable.values;
export type ProcessingStage = ValueOf<typeof ProcessingStage>;

/** Put Function (KMIP 2.1 §11.43). */
export const PutFunctionTable = enumerationTable("PutFunction", {
  New: [0x01, V1_0],
  Replace: [0x02, V1_0],
});
export const PutFunction = PutFunctionTable.values;
export type PutFunction = ValueOf<typeof PutFunction>;

/** Query Function (KMIP 2.1 §11.44). */
export const QueryFunctionTable = enumerationTable("QueryFunction", {
  QueryOperations: [0x01, V1_0],
  QueryObjects: [0x02, V1_0],
  QueryServerInformation: [0x03, V1_0],
  QueryApplicationNamespaces: [0x04, V1_0],
  QueryExtensionList: [0x05, V1_1],
  QueryExtensionMap: [0x06, V1_1],
  QueryAttestationTypes: [0x07, V1_2],
  QueryRNGs: [0x08, V1_3],
  QueryValidations: [0x09, V1_3],
  QueryProfiles: [0x0a, V1_3],
  QueryCapabilities: [0x0b, V1_3],
  QueryClientRegistrationMethods: [0x0c, V1_3],
  QueryDefaultsInformation: [0x0d, V2_0],
  QueryStorageProtectionMasks: [0x0e, V2_0],
});
export const QueryFunction = QueryFunctionTable.values;
export type QueryFunction = ValueOf<typeof QueryFunction>;

/** Validity Indicator (KMIP 2.1 §11.61). */
export const ValidityIndicatorTable = enumerationTable("ValidityIndicator", {
  Valid: [0x01, V1_0],
  Invalid: [0x02, V1_0],
  Unknown: [0x03, V1_0],
});
export const ValidityIndicator = ValidityIndicatorTable.values;
export type ValidityIndicator = ValueOf<typeof ValidityIndicator>;

/** Adjustment Type (KMIP 2.1 §11.1). */
export const AdjustmentTypeTable = enumerationTable("AdjustmentType", {
  Increment: [0x01, V2_0],
  Decrement: [0x02, V2_0],
  Negate: [0x03, V2_0],
});
export const AdjustmentType = AdjustmentTypeTable.values;
export type AdjustmentType = ValueOf<typeof AdjustmentType>;

/** Interop Function (KMIP 2.1 §11.22). */
export const InteropFunctionTable = enumerationTable("InteropFunction", {
  Begin: [0x01, V2_0],
  End: [0x02, V2_0],
  Reset: [0x03, V2_0],
});
export const InteropFunction = InteropFunctionTable.values;
export type InteropFunction = ValueOf<typeof InteropFunction>;

/** Endpoint Role (KMIP 2.1 §11.19). */
export const EndpointRoleTable = enumerationTable("EndpointRole", {
  Client: [0x01, V2_0],
  Server: [0x02, V2_0],
});
export const EndpointRole = EndpointRoleTable.values;
export type EndpointRole = ValueOf<typeof EndpointRole>;
