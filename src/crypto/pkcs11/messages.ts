import type {
  AgreeRequest,
  CipherSpecification,
  Encrypted,
  GeneratePairRequest,
  GenerateSecretRequest,
  HashName,
  ImportRequest,
  KeyReference,
  MacSpecification,
  MoveRequest,
  PartitionInformation,
  SignatureSpecification,
  StoredKey,
  StoredKeyPair,
  StreamRequest,
  TokenKey,
  TokenRemnant,
  WrapSpecification,
} from "../port.js";
import type { Pkcs1Plaintext } from "../rsa/implicit-rejection.js";
import type { FaultName } from "./faults.js";
import type { ProbeReport, ProbeRequest } from "./profiles/probe-report.js";
import type { Profile } from "./profiles/profile.js";

/** How a PKCS#11 module is loaded. */
export interface ModuleLocation {
  /** Absolute path of the shared library. */
  readonly path: string;
  /** NSS only: the string for `pReserved` of C_Initialize. */
  readonly parameters?: string;
  /** Variables the module wants in its environment; a worker gets no others. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What the operator knows of modules; it counts where it is of this one. */
  readonly profile?: Profile;
}

/** What a worker needs to begin its life. The PIN travels only in this message. */
export interface OpenRequest {
  readonly module: ModuleLocation;
  /** Folder of the token's files where the module keeps them on disk (SoftHSM), otherwise null. */
  readonly tokenFolder: string | null;
  readonly tokenLabel: string;
  /** Empty only while the partition is being initialised. */
  readonly tokenSerial: string;
  readonly pin: Buffer;
  /** The token has refused this PIN before: it is tried only where the token says that there are no failures any more. */
  readonly pinRefusedBefore?: boolean;
  /** Upper limit of session objects kept by the handle cache. */
  readonly handleLimit: number;
}

/** What a token is made from. */
export interface InitialiseRequest {
  readonly module: ModuleLocation;
  readonly tokenFolder: string | null;
  readonly tokenLabel: string;
  readonly userPin: Buffer;
  readonly securityOfficerPin: Buffer;
  /** True for the server's own partition, which also gets the sealing and the checkpoint key. */
  readonly root: boolean;
}

/** What an existing token is bound by. */
export interface BindRequest {
  readonly open: OpenRequest;
  /** Gives a token that has no user PIN yet the one of `open`; null where the token has its PIN. */
  readonly securityOfficerPin: Buffer | null;
  readonly root: boolean;
}

/** A token, named so that it is found again. */
export interface TokenName {
  readonly label: string;
  readonly serial: string;
}

/** Everything a worker does, each call answered in order. The synchronous mirror of the port. */
export interface WorkerOperations {
  probe(request: ProbeRequest): ProbeReport;
  initialise(request: InitialiseRequest): TokenName;
  bind(request: BindRequest): TokenName;
  open(request: OpenRequest): TokenName;
  information(): PartitionInformation;
  checkCanary(): void;
  sessionObjects(): number;
  generateSecret(request: GenerateSecretRequest): StoredKey;
  generatePair(request: GeneratePairRequest): StoredKeyPair;
  importKey(request: ImportRequest): StoredKey;
  exportKey(key: KeyReference): Buffer;
  encrypt(key: KeyReference, specification: CipherSpecification, data: Buffer): Encrypted;
  decrypt(key: KeyReference, specification: CipherSpecification, data: Buffer, tag: Buffer | null): Buffer;
  decryptPkcs1(key: KeyReference, data: Buffer, expected: number | null): Pkcs1Plaintext;
  sign(key: KeyReference, specification: SignatureSpecification, data: Buffer): Buffer;
  verify(key: KeyReference, specification: SignatureSpecification, data: Buffer, signature: Buffer): boolean;
  mac(key: KeyReference, specification: MacSpecification, data: Buffer): Buffer;
  macVerify(key: KeyReference, specification: MacSpecification, data: Buffer, mac: Buffer): boolean;
  wrapKey(target: KeyReference, wrappingKey: KeyReference, specification: WrapSpecification): Buffer;
  unwrapKey(
    wrappedKey: Buffer,
    unwrappingKey: KeyReference,
    specification: WrapSpecification,
    request: Omit<ImportRequest, "value">,
  ): StoredKey;
  agreeKey(privateKey: KeyReference, publicKey: Buffer, request: AgreeRequest): StoredKey;
  digest(hash: HashName, data: Buffer): Buffer;
  openStream(name: string, request: StreamRequest): void;
  updateStream(name: string, data: Buffer): Buffer;
  finishStream(name: string): Buffer;
  closeStream(name: string): void;
  random(length: number): Buffer;
  seedRandom(seed: Buffer): boolean;
  authenticate(data: Buffer): Buffer;
  destroyKey(key: KeyReference): void;
  forget(objectId: string): void;
  tokenKeys(): readonly TokenKey[];
  tokenRemnants(): readonly TokenRemnant[];
  removeTokenRemnant(remnant: TokenRemnant): void;
  keyEncryptionKeyVersions(): readonly number[];
  makeKeyEncryptionKey(version: number): void;
  removeKeyEncryptionKey(version: number): void;
  findKeyEncryptionKeys(): number;
  rewrapKey(key: KeyReference): Omit<StoredKey, "digest">;
  proveKey(key: KeyReference): void;
  moveToToken(key: KeyReference, request: MoveRequest): void;
  seal(plaintext: Buffer, context: string): Buffer;
  unseal(sealed: Buffer, context: string): Buffer;
  signCheckpoint(data: Buffer): Buffer;
  checkpointPublicKey(): Buffer;
}

/** Name of a worker's operation. */
export type WorkerMethod = keyof WorkerOperations;

/** One call, as it travels: number, method, arguments. */
export type CallMessage = readonly [id: number, method: WorkerMethod, args: readonly unknown[]];

/** How a failed call travels. `restart`: the worker is not to be trusted any more. */
export interface FailureMessage {
  readonly code: string;
  readonly message: string;
  readonly returnValue: number | undefined;
  readonly restart: boolean;
  /** Only where the PIN was refused: whether the token counts wrong PINs. */
  readonly pinFailuresCounted?: boolean;
}

/** One answer, as it travels: number, failure or null, value. */
export type AnswerMessage = readonly [id: number, failure: FailureMessage | null, value: unknown];

/** A fault that a worker met. */
export interface NotedFault {
  readonly fault: FaultName;
  readonly message: string;
  /** The operation of the worker that met it. */
  readonly call?: string;
  readonly objectId?: string;
  readonly returnValue?: number;
  /** Whether it was overcome by doing the operation once more. */
  readonly retried: boolean;
}

/** What travels from the worker: answers, and now and then how big and old the worker is. */
export interface AnswerFrame {
  readonly answers: readonly AnswerMessage[];
  readonly residentBytes: number;
  readonly operations: number;
  /** So many milliseconds the worker may be silent beyond the deadline of its call: it waits for a disk. */
  readonly allowance?: number;
  /** Faults since the last frame; absent where there were none. */
  readonly faults?: readonly NotedFault[];
}
