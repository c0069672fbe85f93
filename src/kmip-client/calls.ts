import { Operation } from "#protocol/enums/index.js";
import { activateRequest, activateResponse } from "#protocol/payloads/activate.js";
import { addAttributeRequest, addAttributeResponse } from "#protocol/payloads/add-attribute.js";
import { createRequest, createResponse } from "#protocol/payloads/create.js";
import { createKeyPairRequest, createKeyPairResponse } from "#protocol/payloads/create-key-pair.js";
import { decryptRequest, decryptResponse } from "#protocol/payloads/decrypt.js";
import { deleteAttributeRequest, deleteAttributeResponse } from "#protocol/payloads/delete-attribute.js";
import { destroyRequest, destroyResponse } from "#protocol/payloads/destroy.js";
import { discoverVersionsRequest, discoverVersionsResponse } from "#protocol/payloads/discover-versions.js";
import { encryptRequest, encryptResponse } from "#protocol/payloads/encrypt.js";
import { getRequest, getResponse } from "#protocol/payloads/get.js";
import { getAttributesRequest, getAttributesResponse } from "#protocol/payloads/get-attributes.js";
import { locateRequest, locateResponse } from "#protocol/payloads/locate.js";
import { queryRequest, queryResponse } from "#protocol/payloads/query.js";
import { registerRequest, registerResponse } from "#protocol/payloads/register.js";
import { revokeRequest, revokeResponse } from "#protocol/payloads/revoke.js";
import { signRequest, signResponse } from "#protocol/payloads/sign.js";
import { signatureVerifyRequest, signatureVerifyResponse } from "#protocol/payloads/signature-verify.js";
import type { StructureCodec } from "#protocol/schema/structure.js";

/** An operation with the shapes of its payloads. */
export interface KmipCall<Request, Response> {
  readonly operation: number;
  readonly request: StructureCodec<Request>;
  readonly response: StructureCodec<Response>;
}

function call<Request, Response>(
  operation: number,
  request: StructureCodec<Request>,
  response: StructureCodec<Response>,
): KmipCall<Request, Response> {
  return { operation, request, response };
}

/** The operations that this client's users ask for; another one is one more row. */
export const calls = {
  create: call(Operation.Create, createRequest, createResponse),
  createKeyPair: call(Operation.CreateKeyPair, createKeyPairRequest, createKeyPairResponse),
  register: call(Operation.Register, registerRequest, registerResponse),
  locate: call(Operation.Locate, locateRequest, locateResponse),
  get: call(Operation.Get, getRequest, getResponse),
  getAttributes: call(Operation.GetAttributes, getAttributesRequest, getAttributesResponse),
  addAttribute: call(Operation.AddAttribute, addAttributeRequest, addAttributeResponse),
  deleteAttribute: call(Operation.DeleteAttribute, deleteAttributeRequest, deleteAttributeResponse),
  activate: call(Operation.Activate, activateRequest, activateResponse),
  revoke: call(Operation.Revoke, revokeRequest, revokeResponse),
  destroy: call(Operation.Destroy, destroyRequest, destroyResponse),
  encrypt: call(Operation.Encrypt, encryptRequest, encryptResponse),
  decrypt: call(Operation.Decrypt, decryptRequest, decryptResponse),
  sign: call(Operation.Sign, signRequest, signResponse),
  signatureVerify: call(Operation.SignatureVerify, signatureVerifyRequest, signatureVerifyResponse),
  query: call(Operation.Query, queryRequest, queryResponse),
  discoverVersions: call(Operation.DiscoverVersions, discoverVersionsRequest, discoverVersionsResponse),
} as const;
