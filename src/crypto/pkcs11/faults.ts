import type { CryptoErrorCode } from "../port.js";

/** One kind of fault of a token, its module, or a worker. */
export interface FaultRow {
  /** What goes wrong. */
  readonly what: string;
  /** What the layer does about it. */
  readonly response: string;
  /** What the caller of the port gets where that does not help; null where it always helps. */
  readonly code: CryptoErrorCode | null;
}

/** Every fault that the layer tells apart, with what it does about it. The page docs/pkcs11.md is made from it. */
export const faultTable = {
  "session-lost": {
    what: "The module no longer knows a session",
    response:
      "The operation is done once more in a new session; where the login went with the sessions, by a new worker. " +
      "What must not be done twice is refused",
    code: "unavailable",
  },
  "session-poisoned": {
    what: "A session holds an operation that was never ended, or has lost the one that was begun",
    response: "As for a lost session",
    code: "unavailable",
  },
  "sessions-exhausted": {
    what: "The token opens no more sessions",
    response: "The call is refused; others go on in the sessions there are",
    code: "overloaded",
  },
  "login-lost": {
    what: "The token has forgotten the login",
    response: "A new worker logs in, and the call is repeated there once",
    code: "unavailable",
  },
  "pin-refused": {
    what: "The token refuses the PIN",
    response:
      "The same PIN is not tried again, unless the token counts failures and says that there are none any more; " +
      "another is tried at once. A PIN is never tried where it is the last try, or where the token is locked",
    code: "unavailable",
  },
  "token-missing": {
    what: "The token is not in its slot, or is empty: its canary key is not found",
    response: "No key counts as missing. The worker is replaced with growing pauses until the token is back",
    code: "unavailable",
  },
  "token-restored": {
    what: "A crash cut the file of a SoftHSM token short",
    response: "It is put back from its copy before the module is loaded",
    code: null,
  },
  "device-error": {
    what: "The token or its module reports an error, or one that the standard does not know",
    response:
      "What does no harm twice is done once more in a new session. Where the module says that the device failed, by a " +
      "new worker, which must sign with the canary key first",
    code: "device-error",
  },
  "token-full": {
    what: "The token, or the disk it is on, has no room for another key",
    response: "Making token keys is refused; everything else goes on",
    code: "token-full",
  },
  "key-not-written": {
    what: "The token acknowledges a key that it did not keep",
    response: "A new key is looked for, read back and tried before it counts; one that is not there is refused",
    code: "device-error",
  },
  "key-missing": {
    what: "A key is not in the token although the canary is, also where its file was cut short",
    response: "Only what needs this key is refused; it is looked for again at every call",
    code: "key-missing",
  },
  "key-damaged": {
    what: "A wrapped key does not open: it is damaged, or of another partition",
    response: "It is refused",
    code: "damaged",
  },
  "mechanism-missing": {
    what: "The token does not perform a mechanism",
    response: "The call is refused, or done beside the token where the tenant allows it",
    code: "unsupported",
  },
  "worker-crashed": {
    what: "A worker ends by itself, as when its module crashes",
    response:
      "It is started again after 0.1 s, doubling to 10 s. Calls that do no harm twice are sent once more, one at a " +
      "time until the one that kills is known; making a key in the token is not repeated but refused",
    code: "unavailable",
  },
  "worker-hung": {
    what: "A worker does not answer within the deadline of a call, as when its module hangs",
    response:
      "It is killed; the rest as for a crash. Where it does not end, because its disk or device hangs, calls are refused at " +
      "once until it has; no other is started to hang, too",
    code: "unavailable",
  },
  "worker-not-opened": {
    what: "A worker cannot open its partition for another reason: there is no module, no PIN, no process",
    response:
      "It is tried again with growing pauses; after three failures in a row calls are refused at once meanwhile",
    code: "unavailable",
  },
  overloaded: {
    what: "The device is slower than what is asked of it",
    response:
      "More workers are started up to the limit; calls wait up to a limit in number and time and are then refused",
    code: "overloaded",
  },
} as const satisfies Readonly<Record<string, FaultRow>>;

/** The name of a kind of fault. */
export type FaultName = keyof typeof faultTable;

/** Why a worker process was replaced. */
export type RestartCause = "crashed" | "hung" | "not-opened" | "fault" | "worn";

/** What happened in a partition, for metrics and for operators. */
export type PartitionReport =
  | {
      readonly on: "fault";
      readonly fault: FaultName;
      /** What the module or the layer said; never data of a client. */
      readonly message: string;
      /** The call that met it. */
      readonly call?: string;
      /** The managed object concerned. */
      readonly objectId?: string;
      /** CKR_ value, where there was one. */
      readonly returnValue?: number;
    }
  | { readonly on: "circuit"; readonly open: boolean; readonly reason: string }
  | { readonly on: "health"; readonly healthy: boolean }
  | { readonly on: "restart"; readonly cause: RestartCause; readonly reason: string }
  /** A call, or an operation of a call, was done once more: in a new session, or by a new worker. */
  | { readonly on: "retry"; readonly by: "session" | "worker"; readonly count: number }
  /** Calls were refused: the circuit was open, too many waited already, or they waited too long. */
  | { readonly on: "refusal"; readonly why: "circuit" | "queue" | "wait"; readonly count: number };
