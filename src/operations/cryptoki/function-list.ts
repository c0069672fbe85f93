import { PKCS_11Function } from "#protocol/enums/index.js";
import type { Call } from "./call.js";
import { decrypting, encrypting } from "./functions/ciphering.js";
import { digestInit, digesting } from "./functions/digesting.js";
import { generateKey, generateKeyPair } from "./functions/generation.js";
import { createObject, destroyObject, getAttributeValue, refuseToChange } from "./functions/objects.js";
import { last, ofEncryptedData, part, start, whole } from "./functions/parts.js";
import { generateRandom, seedRandom } from "./functions/random.js";
import { findObjects, findObjectsFinal, findObjectsInit } from "./functions/searching.js";
import {
  closeAllSessions,
  closeSession,
  getSessionInfo,
  login,
  loginUser,
  logout,
  openSession,
  sessionCancel,
} from "./functions/sessions.js";
import { signing, verifying, verifyLast, verifyWhole } from "./functions/signing.js";
import {
  getInfo,
  getMechanismInfo,
  getMechanismList,
  getSlotInfo,
  getSlotList,
  getTokenInfo,
} from "./functions/slots.js";
import { unwrapKey, wrapKey } from "./functions/wrapping.js";
import type { Answer, Wording } from "./outcome.js";
import type { OperationKind } from "./session.js";

/** One function of PKCS#11. */
export interface CryptokiFunction {
  run(call: Call): Promise<Answer>;
  /** The operation of the session that is over when the function fails (PKCS#11 3.0 §5.8.2 and its like). */
  readonly ends?: OperationKind;
  /** Return codes as this function words them. */
  readonly wording?: Wording;
}

const keyOfWord = { OBJECT_HANDLE_INVALID: "KEY_HANDLE_INVALID" } as const satisfies Wording;
const ofCiphertext: Wording = { ...keyOfWord, ...ofEncryptedData };
const ofArguments: Wording = { ATTRIBUTE_VALUE_INVALID: "ARGUMENTS_BAD" };
const ofWrapping: Wording = {
  OBJECT_HANDLE_INVALID: "KEY_HANDLE_INVALID",
  KEY_TYPE_INCONSISTENT: "WRAPPING_KEY_TYPE_INCONSISTENT",
  DATA_INVALID: "KEY_NOT_WRAPPABLE",
};
const ofUnwrapping: Wording = {
  OBJECT_HANDLE_INVALID: "UNWRAPPING_KEY_HANDLE_INVALID",
  KEY_TYPE_INCONSISTENT: "UNWRAPPING_KEY_TYPE_INCONSISTENT",
  DATA_INVALID: "WRAPPED_KEY_INVALID",
  ENCRYPTED_DATA_INVALID: "WRAPPED_KEY_INVALID",
};

/**
 * Every function that is performed, by its number. C_Initialize and C_Finalize stand in the operation itself; what is
 * missing here is answered with CKR_FUNCTION_NOT_SUPPORTED.
 */
export const functionList: ReadonlyMap<number, CryptokiFunction> = new Map<number, CryptokiFunction>([
  [PKCS_11Function.C_GetInfo, { run: getInfo }],
  [PKCS_11Function.C_GetSlotList, { run: getSlotList }],
  [PKCS_11Function.C_GetSlotInfo, { run: getSlotInfo }],
  [PKCS_11Function.C_GetTokenInfo, { run: getTokenInfo }],
  [PKCS_11Function.C_GetMechanismList, { run: getMechanismList }],
  [PKCS_11Function.C_GetMechanismInfo, { run: getMechanismInfo }],
  [PKCS_11Function.C_OpenSession, { run: openSession }],
  [PKCS_11Function.C_CloseSession, { run: closeSession }],
  [PKCS_11Function.C_CloseAllSessions, { run: closeAllSessions }],
  [PKCS_11Function.C_GetSessionInfo, { run: getSessionInfo }],
  [PKCS_11Function.C_Login, { run: login }],
  [PKCS_11Function.C_LoginUser, { run: loginUser }],
  [PKCS_11Function.C_Logout, { run: logout }],
  [PKCS_11Function.C_SessionCancel, { run: sessionCancel }],
  [PKCS_11Function.C_CreateObject, { run: createObject }],
  [PKCS_11Function.C_CopyObject, { run: refuseToChange }],
  [PKCS_11Function.C_DestroyObject, { run: destroyObject }],
  [PKCS_11Function.C_GetAttributeValue, { run: getAttributeValue }],
  [PKCS_11Function.C_SetAttributeValue, { run: refuseToChange }],
  [PKCS_11Function.C_FindObjectsInit, { run: findObjectsInit }],
  [PKCS_11Function.C_FindObjects, { run: findObjects }],
  [PKCS_11Function.C_FindObjectsFinal, { run: findObjectsFinal }],
  [PKCS_11Function.C_EncryptInit, { run: (call) => start(call, encrypting), wording: keyOfWord }],
  [PKCS_11Function.C_Encrypt, { run: (call) => whole(call, encrypting), ends: "encrypt", wording: keyOfWord }],
  [PKCS_11Function.C_EncryptUpdate, { run: (call) => part(call, "encrypt", { answers: true }), ends: "encrypt" }],
  [PKCS_11Function.C_EncryptFinal, { run: (call) => last(call, encrypting), ends: "encrypt", wording: keyOfWord }],
  [PKCS_11Function.C_DecryptInit, { run: (call) => start(call, decrypting), wording: keyOfWord }],
  [PKCS_11Function.C_Decrypt, { run: (call) => whole(call, decrypting), ends: "decrypt", wording: ofCiphertext }],
  [PKCS_11Function.C_DecryptUpdate, { run: (call) => part(call, "decrypt", { answers: true }), ends: "decrypt" }],
  [PKCS_11Function.C_DecryptFinal, { run: (call) => last(call, decrypting), ends: "decrypt", wording: ofCiphertext }],
  [PKCS_11Function.C_DigestInit, { run: digestInit }],
  [PKCS_11Function.C_Digest, { run: (call) => whole(call, digesting), ends: "digest" }],
  [PKCS_11Function.C_DigestUpdate, { run: (call) => part(call, "digest", { answers: false }), ends: "digest" }],
  [PKCS_11Function.C_DigestFinal, { run: (call) => last(call, digesting), ends: "digest" }],
  [PKCS_11Function.C_SignInit, { run: (call) => start(call, signing), wording: keyOfWord }],
  [PKCS_11Function.C_Sign, { run: (call) => whole(call, signing), ends: "sign", wording: keyOfWord }],
  [PKCS_11Function.C_SignUpdate, { run: (call) => part(call, "sign", { answers: false }), ends: "sign" }],
  [PKCS_11Function.C_SignFinal, { run: (call) => last(call, signing), ends: "sign", wording: keyOfWord }],
  [PKCS_11Function.C_VerifyInit, { run: (call) => start(call, verifying), wording: keyOfWord }],
  [PKCS_11Function.C_Verify, { run: verifyWhole, ends: "verify", wording: keyOfWord }],
  [PKCS_11Function.C_VerifyUpdate, { run: (call) => part(call, "verify", { answers: false }), ends: "verify" }],
  [PKCS_11Function.C_VerifyFinal, { run: verifyLast, ends: "verify", wording: keyOfWord }],
  [PKCS_11Function.C_GenerateKey, { run: generateKey }],
  [PKCS_11Function.C_GenerateKeyPair, { run: generateKeyPair }],
  [PKCS_11Function.C_WrapKey, { run: wrapKey, wording: ofWrapping }],
  [PKCS_11Function.C_UnwrapKey, { run: unwrapKey, wording: ofUnwrapping }],
  [PKCS_11Function.C_SeedRandom, { run: seedRandom }],
  [PKCS_11Function.C_GenerateRandom, { run: generateRandom, wording: ofArguments }],
  [PKCS_11Function.C_GetFunctionStatus, { run: async () => ({ returnCode: "FUNCTION_NOT_PARALLEL" }) }],
  [PKCS_11Function.C_CancelFunction, { run: async () => ({ returnCode: "FUNCTION_NOT_PARALLEL" }) }],
]);
