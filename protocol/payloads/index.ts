import { Operation } from "../enums/index.js";
import type { Codec } from "../schema/codec.js";
import type { StructureCodec } from "../schema/structure.js";
import { V1_1, V1_2, V1_4, V2_0, V2_1, type VersionSpan } from "../versions.js";
import { activateRequest, activateResponse } from "./activate.js";
import { addAttributeRequest, addAttributeResponse } from "./add-attribute.js";
import { adjustAttributeRequest, adjustAttributeResponse } from "./adjust-attribute.js";
import { archiveRequest, archiveResponse } from "./archive.js";
import { cancelRequest, cancelResponse } from "./cancel.js";
import { certifyRequest, certifyResponse } from "./certify.js";
import { checkRequest, checkResponse } from "./check.js";
import { createRequest, createResponse } from "./create.js";
import { createKeyPairRequest, createKeyPairResponse } from "./create-key-pair.js";
import { createSplitKeyRequest, createSplitKeyResponse } from "./create-split-key.js";
import { decryptRequest, decryptResponse } from "./decrypt.js";
import { delegatedLoginRequest, delegatedLoginResponse } from "./delegated-login.js";
import { deleteAttributeRequest, deleteAttributeResponse } from "./delete-attribute.js";
import { deriveKeyRequest, deriveKeyResponse } from "./derive-key.js";
import { destroyRequest, destroyResponse } from "./destroy.js";
import { discoverVersionsRequest, discoverVersionsResponse } from "./discover-versions.js";
import { encryptRequest, encryptResponse } from "./encrypt.js";
import { exportRequest, exportResponse } from "./export.js";
import { getRequest, getResponse } from "./get.js";
import { getAttributeListRequest, getAttributeListResponse } from "./get-attribute-list.js";
import { getAttributesRequest, getAttributesResponse } from "./get-attributes.js";
import { getConstraintsRequest, getConstraintsResponse } from "./get-constraints.js";
import { getUsageAllocationRequest, getUsageAllocationResponse } from "./get-usage-allocation.js";
import { hashRequest, hashResponse } from "./hash.js";
import { importRequest, importResponse } from "./import.js";
import { interopRequest, interopResponse } from "./interop.js";
import { joinSplitKeyRequest, joinSplitKeyResponse } from "./join-split-key.js";
import { locateAnswer, locateRequest, locateResponse } from "./locate.js";
import { logRequest, logResponse } from "./log.js";
import { loginRequest, loginResponse } from "./login.js";
import { logoutRequest, logoutResponse } from "./logout.js";
import { macRequest, macResponse } from "./mac.js";
import { macVerifyRequest, macVerifyResponse } from "./mac-verify.js";
import { modifyAttributeRequest, modifyAttributeResponse } from "./modify-attribute.js";
import { notifyRequest, notifyResponse } from "./notify.js";
import { obtainLeaseRequest, obtainLeaseResponse } from "./obtain-lease.js";
import { pingRequest, pingResponse } from "./ping.js";
import { pkcs11Request, pkcs11Response } from "./pkcs11.js";
import { pollRequest, pollResponse } from "./poll.js";
import { processRequest, processResponse } from "./process.js";
import { putRequest, putResponse } from "./put.js";
import { queryRequest, queryResponse } from "./query.js";
import { queryAsynchronousRequestsRequest, queryAsynchronousRequestsResponse } from "./query-asynchronous-requests.js";
import { reCertifyRequest, reCertifyResponse } from "./re-certify.js";
import { reKeyRequest, reKeyResponse } from "./re-key.js";
import { reKeyKeyPairRequest, reKeyKeyPairResponse } from "./re-key-key-pair.js";
import { reProvisionRequest, reProvisionResponse } from "./re-provision.js";
import { recoverRequest, recoverResponse } from "./recover.js";
import { registerRequest, registerResponse } from "./register.js";
import { revokeRequest, revokeResponse } from "./revoke.js";
import { rngRetrieveRequest, rngRetrieveResponse } from "./rng-retrieve.js";
import { rngSeedRequest, rngSeedResponse } from "./rng-seed.js";
import { setAttributeRequest, setAttributeResponse } from "./set-attribute.js";
import { setConstraintsRequest, setConstraintsResponse } from "./set-constraints.js";
import { setDefaultsRequest, setDefaultsResponse } from "./set-defaults.js";
import { setEndpointRoleRequest, setEndpointRoleResponse } from "./set-endpoint-role.js";
import { signRequest, signResponse } from "./sign.js";
import { signatureVerifyRequest, signatureVerifyResponse } from "./signature-verify.js";
import { validateRequest, validateResponse } from "./validate.js";

/** The shapes of one operation's request and response, and the versions that have it. */
export interface OperationPayloads extends VersionSpan {
  /** The code of the operation: a value of the Operation enumeration. */
  readonly operation: number;
  readonly request: StructureCodec<unknown>;
  readonly response: StructureCodec<unknown>;
  /** How a server writes the response, where it has it in another form: the bytes are the same. */
  readonly answer?: Codec<unknown>;
}

/** The payloads of every operation of KMIP 1.0 to 2.1, in the order of the Operation enumeration (KMIP 2.1 §11.36). */
export const payloads: readonly OperationPayloads[] = [
  { operation: Operation.Create, request: createRequest, response: createResponse },
  { operation: Operation.CreateKeyPair, request: createKeyPairRequest, response: createKeyPairResponse },
  { operation: Operation.Register, request: registerRequest, response: registerResponse },
  { operation: Operation.ReKey, request: reKeyRequest, response: reKeyResponse },
  { operation: Operation.DeriveKey, request: deriveKeyRequest, response: deriveKeyResponse },
  { operation: Operation.Certify, request: certifyRequest, response: certifyResponse },
  { operation: Operation.ReCertify, request: reCertifyRequest, response: reCertifyResponse },
  { operation: Operation.Locate, request: locateRequest, response: locateResponse, answer: locateAnswer },
  { operation: Operation.Check, request: checkRequest, response: checkResponse },
  { operation: Operation.Get, request: getRequest, response: getResponse },
  { operation: Operation.GetAttributes, request: getAttributesRequest, response: getAttributesResponse },
  { operation: Operation.GetAttributeList, request: getAttributeListRequest, response: getAttributeListResponse },
  { operation: Operation.AddAttribute, request: addAttributeRequest, response: addAttributeResponse },
  { operation: Operation.ModifyAttribute, request: modifyAttributeRequest, response: modifyAttributeResponse },
  { operation: Operation.DeleteAttribute, request: deleteAttributeRequest, response: deleteAttributeResponse },
  { operation: Operation.ObtainLease, request: obtainLeaseRequest, response: obtainLeaseResponse },
  { operation: Operation.GetUsageAllocation, request: getUsageAllocationRequest, response: getUsageAllocationResponse },
  { operation: Operation.Activate, request: activateRequest, response: activateResponse },
  { operation: Operation.Revoke, request: revokeRequest, response: revokeResponse },
  { operation: Operation.Destroy, request: destroyRequest, response: destroyResponse },
  { operation: Operation.Archive, request: archiveRequest, response: archiveResponse },
  { operation: Operation.Recover, request: recoverRequest, response: recoverResponse },
  { operation: Operation.Validate, request: validateRequest, response: validateResponse },
  { operation: Operation.Query, request: queryRequest, response: queryResponse },
  { operation: Operation.Cancel, request: cancelRequest, response: cancelResponse },
  { operation: Operation.Poll, request: pollRequest, response: pollResponse },
  { operation: Operation.Notify, request: notifyRequest, response: notifyResponse },
  { operation: Operation.Put, request: putRequest, response: putResponse },
  { operation: Operation.ReKeyKeyPair, request: reKeyKeyPairRequest, response: reKeyKeyPairResponse, since: V1_1 },
  {
    operation: Operation.DiscoverVersions,
    request: discoverVersionsRequest,
    response: discoverVersionsResponse,
    since: V1_1,
  },
  { operation: Operation.Encrypt, request: encryptRequest, response: encryptResponse, since: V1_2 },
  { operation: Operation.Decrypt, request: decryptRequest, response: decryptResponse, since: V1_2 },
  { operation: Operation.Sign, request: signRequest, response: signResponse, since: V1_2 },
  {
    operation: Operation.SignatureVerify,
    request: signatureVerifyRequest,
    response: signatureVerifyResponse,
    since: V1_2,
  },
  { operation: Operation.MAC, request: macRequest, response: macResponse, since: V1_2 },
  { operation: Operation.MACVerify, request: macVerifyRequest, response: macVerifyResponse, since: V1_2 },
  { operation: Operation.RNGRetrieve, request: rngRetrieveRequest, response: rngRetrieveResponse, since: V1_2 },
  { operation: Operation.RNGSeed, request: rngSeedRequest, response: rngSeedResponse, since: V1_2 },
  { operation: Operation.Hash, request: hashRequest, response: hashResponse, since: V1_2 },
  {
    operation: Operation.CreateSplitKey,
    request: createSplitKeyRequest,
    response: createSplitKeyResponse,
    since: V1_2,
  },
  { operation: Operation.JoinSplitKey, request: joinSplitKeyRequest, response: joinSplitKeyResponse, since: V1_2 },
  { operation: Operation.Import, request: importRequest, response: importResponse, since: V1_4 },
  { operation: Operation.Export, request: exportRequest, response: exportResponse, since: V1_4 },
  { operation: Operation.Log, request: logRequest, response: logResponse, since: V2_0 },
  { operation: Operation.Login, request: loginRequest, response: loginResponse, since: V2_0 },
  { operation: Operation.Logout, request: logoutRequest, response: logoutResponse, since: V2_0 },
  {
    operation: Operation.DelegatedLogin,
    request: delegatedLoginRequest,
    response: delegatedLoginResponse,
    since: V2_0,
  },
  {
    operation: Operation.AdjustAttribute,
    request: adjustAttributeRequest,
    response: adjustAttributeResponse,
    since: V2_0,
  },
  { operation: Operation.SetAttribute, request: setAttributeRequest, response: setAttributeResponse, since: V2_0 },
  {
    operation: Operation.SetEndpointRole,
    request: setEndpointRoleRequest,
    response: setEndpointRoleResponse,
    since: V2_0,
  },
  { operation: Operation.PKCS_11, request: pkcs11Request, response: pkcs11Response, since: V2_0 },
  { operation: Operation.Interop, request: interopRequest, response: interopResponse, since: V2_0 },
  { operation: Operation.ReProvision, request: reProvisionRequest, response: reProvisionResponse, since: V2_0 },
  { operation: Operation.SetDefaults, request: setDefaultsRequest, response: setDefaultsResponse, since: V2_1 },
  {
    operation: Operation.SetConstraints,
    request: setConstraintsRequest,
    response: setConstraintsResponse,
    since: V2_1,
  },
  {
    operation: Operation.GetConstraints,
    request: getConstraintsRequest,
    response: getConstraintsResponse,
    since: V2_1,
  },
  {
    operation: Operation.QueryAsynchronousRequests,
    request: queryAsynchronousRequestsRequest,
    response: queryAsynchronousRequestsResponse,
    since: V2_1,
  },
  { operation: Operation.Process, request: processRequest, response: processResponse, since: V2_1 },
  { operation: Operation.Ping, request: pingRequest, response: pingResponse, since: V2_1 },
];
