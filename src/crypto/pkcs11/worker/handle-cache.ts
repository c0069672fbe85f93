import { LRUCache } from "lru-cache";
import type pkcs11js from "pkcs11js";
import type { HashName, KeyReference } from "../../port.js";

/**
 * As what a key is opened: with its own type, as the generic secret that HMAC with a hash asks for, or as bytes that can
 * be read, for those that clients may have.
 */
export type KeyRole = "own" | "readable" | `hmac ${HashName}`;

interface Entry {
  readonly objectId: string;
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
  /** Names of the entries of each object, so that an object is dropped without looking through all. */
  readonly #names = new Map<string, Set<string>>();

  /** `destroy` removes a session object from the token. */
  constructor(limit: number, destroy: (handle: pkcs11js.Handle) => void) {
    this.#entries = new LRUCache({
      max: limit,
      dispose: (entry, name) => {
        this.#unlist(entry.objectId, name);
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
    const { objectId } = key;
    const name = entryName(key, role);
    this.#entries.set(name, { objectId, handle, material: Buffer.from(key.material), ephemeral });
    const names = this.#names.get(objectId);
    if (names === undefined) {
      this.#names.set(objectId, new Set([name]));
    } else {
      names.add(name);
    }
  }

  /** Drops one handle of a key. */
  drop(key: KeyReference, role: KeyRole): void {
    this.#entries.delete(entryName(key, role));
  }

  /** Drops all handles of an object, whatever it was opened as and from. */
  forget(objectId: string): void {
    for (const name of [...(this.#names.get(objectId) ?? [])]) {
      this.#entries.delete(name);
    }
  }

  #unlist(objectId: string, name: string): void {
    const names = this.#names.get(objectId);
    names?.delete(name);
    if (names?.size === 0) {
      this.#names.delete(objectId);
    }
  }
}
