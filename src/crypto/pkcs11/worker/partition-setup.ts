import { existsSync } from "node:fs";
import pkcs11js from "pkcs11js";
import type { KeyClass, KeyType, KeyUsage } from "../../port.js";
import type { BindRequest, InitialiseRequest, OpenRequest, TokenName } from "../messages.js";
import { keyEncryptionKey, PARTITION_KEYS, type PartitionKey } from "../partition-keys.js";
import { proveToken } from "./canary.js";
import { Custody } from "./custody.js";
import { failureKindOf, RESTARTING, returnValueOf, WorkerFailure } from "./errors.js";
import { fieldText } from "./fields.js";
import { findSlot, findSlots, loadModule } from "./loading.js";
import { CURVES, identity, keyTypeCode, tokenKeyAttributes, usageAttributes } from "./templates.js";
import { Token } from "./token.js";
import { TokenFiles } from "./token-files.js";
import { TokenKeys } from "./token-keys.js";

const LABEL_WIDTH = 32;
const SECRET_LENGTH = 32;

/** Session objects that making a partition takes at most. */
const SETUP_HANDLES = 16;

/** An opened partition: everything the operations work with. */
export interface OpenedPartition {
  readonly custody: Custody;
  readonly tokenKeys: TokenKeys;
  readonly name: TokenName;
}

interface SecretRow {
  readonly key: PartitionKey;
  readonly keyType: KeyType;
  readonly mechanism: number;
  readonly usages: readonly KeyUsage[];
  readonly rootOnly: boolean;
}

/** The secret keys of a partition beside the key-encryption key: the canary last, as it vouches for the others. */
const SECRETS: readonly SecretRow[] = [
  {
    key: PARTITION_KEYS.authentication,
    keyType: "generic",
    mechanism: pkcs11js.CKM_GENERIC_SECRET_KEY_GEN,
    usages: ["sign", "verify"],
    rootOnly: false,
  },
  {
    key: PARTITION_KEYS.sealing,
    keyType: "aes",
    mechanism: pkcs11js.CKM_AES_KEY_GEN,
    usages: ["encrypt", "decrypt"],
    rootOnly: true,
  },
  {
    key: PARTITION_KEYS.canary,
    keyType: "generic",
    mechanism: pkcs11js.CKM_GENERIC_SECRET_KEY_GEN,
    usages: ["sign"],
    rootOnly: false,
  },
];

function keyEncryptionKeyRow(version: number): SecretRow {
  return {
    key: keyEncryptionKey(version),
    keyType: "aes",
    mechanism: pkcs11js.CKM_AES_KEY_GEN,
    usages: ["wrap", "unwrap"],
    rootOnly: false,
  };
}

function openFiles({ quirks }: Token, folder: string | null): TokenFiles | null {
  return folder !== null && quirks.keepsFiles ? new TokenFiles(folder) : null;
}

function logInFailure(error: unknown): WorkerFailure {
  const message = error instanceof Error ? error.message : "unknown error";
  const returnValue = returnValueOf(error);
  const kind = failureKindOf(error);
  const fault = (kind === undefined ? undefined : RESTARTING[kind]) ?? "worker-not-opened";
  return new WorkerFailure("unavailable", `the partition cannot be opened: ${message}`, {
    ...(returnValue === undefined ? {} : { returnValue }),
    cause: error,
    restart: true,
    fault,
  });
}

function openToken(module: pkcs11js.PKCS11, name: TokenName, login: ConstructorParameters<typeof Token>[2]): Token {
  try {
    return new Token(module, name, login);
  } catch (error) {
    throw error instanceof WorkerFailure ? error : logInFailure(error);
  } finally {
    login.pin.fill(0);
  }
}

function nameOf(token: Token): TokenName {
  const information = token.module.C_GetTokenInfo(token.slot);
  return { label: fieldText(information.label), serial: fieldText(information.serialNumber) };
}

function assemble(
  module: pkcs11js.PKCS11,
  name: TokenName,
  request: Pick<OpenRequest, "module" | "pin" | "tokenFolder" | "handleLimit" | "pinRefusedBefore">,
  root: boolean,
) {
  const { pin, tokenFolder: folder, handleLimit, pinRefusedBefore: refusedBefore = false } = request;
  const token = openToken(module, name, { pin, refusedBefore, profile: request.module.profile, root });
  const files = openFiles(token, folder);
  files?.keepTokenFile();
  if (files !== null) token.lookAnewBy(() => files.touch());
  const custody = new Custody(token, handleLimit);
  return { custody, tokenKeys: new TokenKeys(custody, files), name: nameOf(token) };
}

/** Loads the module, having put back a token file that a crash has cut short. */
function loadFor(request: Pick<OpenRequest, "module" | "tokenFolder">): pkcs11js.PKCS11 {
  if (!existsSync(request.module.path)) {
    throw new WorkerFailure("unavailable", `there is no PKCS#11 module at ${request.module.path}`, {
      restart: true,
      fault: "worker-not-opened",
    });
  }
  if (request.tokenFolder !== null) {
    new TokenFiles(request.tokenFolder).restoreTokenFile();
  }
  try {
    return loadModule(request.module);
  } catch (error) {
    throw logInFailure(error);
  }
}

/** Opens a partition: finds its token, logs in, and has its canary sign. */
export function openPartition(request: OpenRequest): OpenedPartition {
  const name = { label: request.tokenLabel, serial: request.tokenSerial };
  const opened = assemble(loadFor(request), name, request, false);
  proveToken(opened.custody.token);
  opened.custody.keyEncryption.findNewestVersion();
  return opened;
}

/** Sets the user PIN of a token that has none, as its security officer. */
function giveUserPin(
  module: pkcs11js.PKCS11,
  slot: pkcs11js.Handle,
  userPin: Buffer,
  securityOfficerPin: Buffer,
): void {
  if ((module.C_GetTokenInfo(slot).flags & pkcs11js.CKF_USER_PIN_INITIALIZED) !== 0) {
    return;
  }
  const session = module.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION);
  module.C_Login(session, pkcs11js.CKU_SO, securityOfficerPin.toString("utf8"));
  securityOfficerPin.fill(0);
  module.C_InitPIN(session, userPin.toString("utf8"));
  module.C_Logout(session);
  module.C_CloseSession(session);
}

/** Makes the partition's own keys that are not there yet in a token that exists, and gives its name. */
export function bindPartition(request: BindRequest): TokenName {
  const { open } = request;
  const name = { label: open.tokenLabel, serial: open.tokenSerial };
  const module = loadFor(open);
  const [slot = null, ...others] = findSlots(module, name);
  if (others.length > 0) {
    const message = `there are several tokens labelled "${name.label}"; give the serial number of the one that is meant`;
    throw new WorkerFailure("invalid-data", message);
  }
  if (slot !== null && request.securityOfficerPin !== null) {
    giveUserPin(module, slot, open.pin, request.securityOfficerPin);
  }
  const opened = assemble(module, name, open, request.root);
  makePartitionKeys(opened, request.root);
  return opened.name;
}

/** Makes a new token in a module that can, with its PINs and the partition's own keys, and gives its name. */
export function initialisePartition(request: InitialiseRequest): TokenName {
  const module = loadFor({ module: request.module, tokenFolder: null });
  const name = { label: request.tokenLabel, serial: "" };
  if (findSlot(module, name) !== null) {
    throw new WorkerFailure("invalid-data", `there is a token labelled "${name.label}" already`);
  }
  const empty = module
    .C_GetSlotList(true)
    .find((slot) => (module.C_GetTokenInfo(slot).flags & pkcs11js.CKF_TOKEN_INITIALIZED) === 0);
  if (empty === undefined) {
    throw new WorkerFailure("token-full", "the module has no slot for another token");
  }
  module.C_InitToken(empty, request.securityOfficerPin.toString("utf8"), request.tokenLabel.padEnd(LABEL_WIDTH));
  const slot = findSlot(module, name);
  if (slot === null) {
    throw new WorkerFailure("device-error", "the token is not found after it was made");
  }
  giveUserPin(module, slot, request.userPin, request.securityOfficerPin);
  const { userPin: pin, tokenFolder, root } = request;
  const open = { module: request.module, pin, tokenFolder, handleLimit: SETUP_HANDLES };
  const opened = assemble(module, name, open, root);
  makePartitionKeys(opened, request.root);
  return opened.name;
}

function makePartitionKeys(opened: OpenedPartition, root: boolean): void {
  if (opened.custody.keyEncryption.findNewestVersion() === 0) {
    makeKeyEncryptionKey(opened, 1);
  }
  for (const row of SECRETS) {
    if (root || !row.rootOnly) {
      makeSecret(opened, row);
    }
  }
  if (root) {
    makeCheckpointPair(opened);
  }
}

function makeSecret(opened: Pick<OpenedPartition, "custody" | "tokenKeys">, row: SecretRow): void {
  const { custody, tokenKeys } = opened;
  if (custody.token.findKey(row.key.tokenId, "secret") !== null) {
    return;
  }
  const { module, keeperSession } = custody.token;
  const made = { key: row.key, keyClass: "secret" as const, keyType: row.keyType, usages: row.usages };
  tokenKeys.create(made, () =>
    module.C_GenerateKey(keeperSession, { mechanism: row.mechanism }, [
      ...identity("secret", keyTypeCode(row.keyType, SECRET_LENGTH)),
      { type: pkcs11js.CKA_VALUE_LEN, value: SECRET_LENGTH },
      ...tokenKeyAttributes(row.key),
      ...usageAttributes("secret", row.usages),
    ]),
  );
}

/** Makes a version of the key-encryption key, unless there is one. */
export function makeKeyEncryptionKey(opened: Pick<OpenedPartition, "custody" | "tokenKeys">, version: number): void {
  makeSecret(opened, keyEncryptionKeyRow(version));
}

function makeCheckpointPair(opened: OpenedPartition): void {
  const { custody, tokenKeys } = opened;
  const key = PARTITION_KEYS.checkpoint;
  if (custody.token.findKey(key.tokenId, "private") !== null) {
    return;
  }
  const { module, keeperSession } = custody.token;
  const usages: readonly KeyUsage[] = ["sign"];
  const half = (keyClass: KeyClass): pkcs11js.Template => [...identity(keyClass, pkcs11js.CKK_EC)];
  tokenKeys.create({ key, keyClass: "private", keyType: "ec", usages }, () => {
    const pair = module.C_GenerateKeyPair(
      keeperSession,
      { mechanism: pkcs11js.CKM_EC_KEY_PAIR_GEN },
      [
        ...half("public"),
        { type: pkcs11js.CKA_TOKEN, value: true },
        { type: pkcs11js.CKA_PRIVATE, value: false },
        { type: pkcs11js.CKA_MODIFIABLE, value: false },
        { type: pkcs11js.CKA_LABEL, value: key.label },
        { type: pkcs11js.CKA_ID, value: key.tokenId },
        { type: pkcs11js.CKA_EC_PARAMS, value: Buffer.from(CURVES["P-256"].parameters, "hex") },
        ...usageAttributes("public", ["verify"]),
      ],
      [...half("private"), ...tokenKeyAttributes(key), ...usageAttributes("private", usages)],
    );
    return pair.privateKey;
  });
}
