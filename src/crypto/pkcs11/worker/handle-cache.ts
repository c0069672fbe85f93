import { LRUCache } from "lru-cache";
import type pkcs11js from "pkcs11js";
import type { HashName, KeyReference } from "../../port.js";

/** As what a key is opened: with its own type, or as the generic secret that HMAC with a hash asks for. */
export type KeyRole = "own" | `hmac ${HashName}`;

const ROLES: readonly KeyRole[] = [
  "own",
  "hmac md5",
  "hmac sha1",
  "hmac sha224",
  "hmac sha256",
  "hmac sha384",
  "hmac sha512",
];

interface Entry {
  readonly handle: pkcs11js.Handle;
  readonly material: Buffer;
  /** A session object, which the cache destroys; token objects stay. */
  readonly ephemeral: boolean;
}

function entryName(key: KeyReference, role: KeyRole): string {
  return `${role}/${key.keyClass}/${key.keyType}/${key.custody}/${key.keyEncryptionKeyVersion}/${key.objectId}`;
}

/** Handles of opened keys, least recently used first out. Every session object it drops it destroys. */
export class HandleCache {
  readonly #entries: LRUCache<string, Entry>;

  /** `destroy` removes a session object from the token. */
  constructor(limit: number, destroy: (handle: pkcs11js.Handle) => void) {
    this.#entries = new LRUCache({
      max: limit,
      dispose: (entry) => {
        entry.material.fill(0);
        if (entry.ephemeral) {
          destroy(entry.handle);
        }
      },
    });
  }

  /** The handle of a key; undefined where it is not open or was opened from other material. */
  get(key: KeyReference, role: KeyRole): pkcs11js.Handle | undefined {
    const entry = this.#entries.get(entryName(key, role));
    return entry?.material.equals(key.material) === true ? entry.handle : undefined;
  }

  /** Remembers the handle of a key, in place of an earlier one. */
  set(key: KeyReference, role: KeyRole, handle: pkcs11js.Handle, ephemeral: boolean): void {
    this.#entries.set(entryName(key, role), { handle, material: Buffer.from(key.material), ephemeral });
  }

  /** Drops a key in all its roles. */
  forget(key: KeyReference): void {
    for (const role of ROLES) {
      this.#entries.delete(entryName(key, role));
    }
  }
}
