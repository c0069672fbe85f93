import { activate } from "./activate.js";
import { addAttribute } from "./add-attribute.js";
import { adjustAttribute } from "./adjust-attribute.js";
import { archive } from "./archive.js";
import { cancel } from "./cancel.js";
import { certify } from "./certify.js";
import { check } from "./check.js";
import type { Operation } from "./contract/operation.js";
import { create } from "./create.js";
import { createKeyPair } from "./create-key-pair.js";
import { createSplitKey } from "./create-split-key.js";
import { decrypt } from "./decrypt.js";
import { delegatedLogin } from "./delegated-login.js";
import { deleteAttribute } from "./delete-attribute.js";
import { deriveKey } from "./derive-key.js";
import { destroy } from "./destroy.js";
import { discoverVersions } from "./discover-versions.js";
import { encrypt } from "./encrypt.js";
import { exportObject } from "./export.js";
import { get } from "./get.js";
import { getAttributeList } from "./get-attribute-list.js";
import { getAttributes } from "./get-attributes.js";
import { getConstraints } from "./get-constraints.js";
import { getUsageAllocation } from "./get-usage-allocation.js";
import { hash } from "./hash.js";
import { importObject } from "./import.js";
import { interop } from "./interop.js";
import { joinSplitKey } from "./join-split-key.js";
import { locate } from "./locate.js";
import { log } from "./log.js";
import { login } from "./login.js";
import { logout } from "./logout.js";
import { mac } from "./mac.js";
import { macVerify } from "./mac-verify.js";
import { modifyAttribute } from "./modify-attribute.js";
import { obtainLease } from "./obtain-lease.js";
import { ping } from "./ping.js";
import { pkcs11 } from "./pkcs11.js";
import { poll } from "./poll.js";
import { process } from "./process.js";
import { query } from "./query.js";
import { queryAsynchronousRequests } from "./query-asynchronous-requests.js";
import { reCertify } from "./re-certify.js";
import { reKey } from "./re-key.js";
import { reKeyKeyPair } from "./re-key-key-pair.js";
import { reProvision } from "./re-provision.js";
import { recover } from "./recover.js";
import { register } from "./register.js";
import { revoke } from "./revoke.js";
import { rngRetrieve } from "./rng-retrieve.js";
import { rngSeed } from "./rng-seed.js";
import { setAttribute } from "./set-attribute.js";
import { setConstraints } from "./set-constraints.js";
import { setDefaults } from "./set-defaults.js";
import { setEndpointRole } from "./set-endpoint-role.js";
import { sign } from "./sign.js";
import { signatureVerify } from "./signature-verify.js";
import { validate } from "./validate.js";

/** Every operation this server performs, by code. Query, dispatch, metrics and docs follow from this list. */
export const operations: readonly Operation[] = [
  create,
  createKeyPair,
  register,
  importObject,
  exportObject,
  reKey,
  reKeyKeyPair,
  deriveKey,
  certify,
  reCertify,
  validate,
  locate,
  check,
  get,
  getAttributes,
  getAttributeList,
  addAttribute,
  modifyAttribute,
  deleteAttribute,
  obtainLease,
  getUsageAllocation,
  activate,
  revoke,
  destroy,
  archive,
  recover,
  query,
  cancel,
  poll,
  discoverVersions,
  encrypt,
  decrypt,
  sign,
  signatureVerify,
  mac,
  macVerify,
  rngRetrieve,
  rngSeed,
  hash,
  log,
  login,
  logout,
  delegatedLogin,
  adjustAttribute,
  setAttribute,
  setEndpointRole,
  interop,
  reProvision,
  setDefaults,
  setConstraints,
  getConstraints,
  ping,
  queryAsynchronousRequests,
  process,
  createSplitKey,
  joinSplitKey,
  pkcs11,
];
