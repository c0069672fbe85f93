import type pkcs11js from "pkcs11js";
import type { StreamRequest } from "../../port.js";
import { HASHES } from "../mechanisms.js";
import type { Ciphers } from "./ciphers.js";
import type { Custody } from "./custody.js";
import { failureKindOf, invalidData, unsupported, WorkerFailure } from "./errors.js";
import type { Signatures } from "./signatures.js";

/** Most streams of one worker: each holds a session of the token. */
const STREAM_LIMIT = 1024;

/** Room beyond a part for what a block cipher held back, or for a tag, in bytes. */
const PART_ROOM = 64;

/** How one kind of stream goes on and ends in PKCS#11. */
interface Steps {
  /** What a failure without a reason means. */
  readonly general: "device-error" | "decryption-failed";
  readonly update: (module: pkcs11js.PKCS11, session: pkcs11js.Handle, data: Buffer) => Buffer;
  readonly finish: (module: pkcs11js.PKCS11, session: pkcs11js.Handle) => Buffer;
}

const NOTHING = Buffer.alloc(0);

function room(data: Buffer): Buffer {
  return Buffer.alloc(data.length + PART_ROOM);
}

const STEPS: Readonly<Record<StreamRequest["kind"], Steps>> = {
  encrypt: {
    general: "device-error",
    update: (module, session, data) => module.C_EncryptUpdate(session, data, room(data)),
    finish: (module, session) => module.C_EncryptFinal(session, room(NOTHING)),
  },
  decrypt: {
    general: "decryption-failed",
    update: (module, session, data) => module.C_DecryptUpdate(session, data, room(data)),
    finish: (module, session) => module.C_DecryptFinal(session, room(NOTHING)),
  },
  mac: {
    general: "device-error",
    update: (module, session, data) => {
      module.C_SignUpdate(session, data);
      return NOTHING;
    },
    finish: (module, session) => module.C_SignFinal(session, room(NOTHING)),
  },
  digest: {
    general: "device-error",
    update: (module, session, data) => {
      module.C_DigestUpdate(session, data);
      return NOTHING;
    },
    finish: (module, session) => module.C_DigestFinal(session, room(NOTHING)),
  },
};

interface Stream {
  readonly session: pkcs11js.Handle;
  readonly steps: Steps;
}

/** Operations in parts, each in a session of its own, which is closed with it whatever happens. */
export class Streams {
  readonly #custody: Custody;
  readonly #ciphers: Ciphers;
  readonly #signatures: Signatures;
  readonly #open = new Map<string, Stream>();

  constructor(custody: Custody, ciphers: Ciphers, signatures: Signatures) {
    this.#custody = custody;
    this.#ciphers = ciphers;
    this.#signatures = signatures;
  }

  /** Begins a stream; `overloaded` where there are too many. */
  open(name: string, request: StreamRequest): void {
    if (this.#open.has(name)) {
      throw invalidData("there is a stream of this name already");
    }
    if (this.#open.size >= STREAM_LIMIT) {
      throw new WorkerFailure("overloaded", `more than ${STREAM_LIMIT} streams at once`);
    }
    const session = this.#custody.token.openSession();
    try {
      this.#begin(session, request);
    } catch (error) {
      this.#custody.token.closeSession(session);
      throw error;
    }
    this.#open.set(name, { session, steps: STEPS[request.kind] });
  }

  #begin(session: pkcs11js.Handle, request: StreamRequest): void {
    const { module } = this.#custody.token;
    switch (request.kind) {
      case "encrypt":
      case "decrypt": {
        const mechanism = this.#ciphers.mechanism(request.key, request.specification);
        if (request.kind === "decrypt" && "tagLength" in request.specification) {
          throw invalidData("plaintext is not given before its tag is checked");
        }
        if (request.specification.name === "gcm" && !this.#custody.token.quirks.gcmInParts) {
          throw unsupported("the token does not encrypt by gcm in parts");
        }
        this.#custody.withKey(request.key, "own", (handle) => {
          if (request.kind === "encrypt") module.C_EncryptInit(session, mechanism, handle);
          else module.C_DecryptInit(session, mechanism, handle);
        });
        return;
      }
      case "mac": {
        const { mechanism, role } = this.#signatures.macMechanism(request.key, request.specification);
        this.#custody.withKey(request.key, role, (handle) => module.C_SignInit(session, mechanism, handle));
        return;
      }
      case "digest":
        module.C_DigestInit(session, { mechanism: HASHES[request.hash].digest });
    }
  }

  /** Takes the next part. A stream that fails is closed. */
  update(name: string, data: Buffer): Buffer {
    const { session, steps } = this.#find(name);
    if (data.length === 0) {
      return NOTHING;
    }
    return this.#step(name, steps, () => steps.update(this.#custody.token.module, session, data));
  }

  /** Ends a stream. */
  finish(name: string): Buffer {
    const { session, steps } = this.#find(name);
    const output = this.#step(name, steps, () => steps.finish(this.#custody.token.module, session));
    this.close(name);
    return output;
  }

  /** Drops a stream, if it is there. */
  close(name: string): void {
    const stream = this.#open.get(name);
    this.#open.delete(name);
    if (stream !== undefined) {
      this.#custody.token.closeSession(stream.session);
    }
  }

  #find(name: string): Stream {
    const stream = this.#open.get(name);
    if (stream === undefined) {
      throw new WorkerFailure("stream-lost", "the worker knows no such stream");
    }
    return stream;
  }

  #step(name: string, { general }: Steps, run: () => Buffer): Buffer {
    try {
      return run();
    } catch (error) {
      this.close(name);
      throw failureKindOf(error) === "stale-handle"
        ? new WorkerFailure("stream-lost", "the key of the stream was opened anew")
        : this.#custody.token.explain(error, general);
    }
  }
}
