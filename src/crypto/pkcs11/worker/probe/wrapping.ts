import { createDecipheriv } from "node:crypto";
import pkcs11js from "pkcs11js";
import { privateKeyFromDer } from "#certs/key-reading.js";
import type { TrialOutcome } from "../../profiles/probe-report.js";
import { type Bench, does, secretTemplate } from "./bench.js";

/** Mechanisms that may wrap by RFC 5649, the standard's own first. */
export const PADDED_WRAPS = [
  ["CKM_AES_KEY_WRAP_KWP", 0x210b],
  ["CKM_AES_KEY_WRAP_PAD", pkcs11js.CKM_AES_KEY_WRAP_PAD],
] as const;

const KEY = Buffer.alloc(32, 0x11);
const ROOM = 4096;

/** The initial values of RFC 5649 §3 and RFC 3394 §2.2.3.1. */
const PADDED = { name: "id-aes256-wrap-pad", iv: Buffer.from("a65959a6", "hex") } as const;
const WHOLE = { name: "id-aes256-wrap", iv: Buffer.from("a6a6a6a6a6a6a6a6", "hex") } as const;

/** CKA_NSS_DB, which NSS asks for. */
const ASKED_FOR = 0xd5a0db00;

function opened(blob: Buffer, { name, iv }: { readonly name: string; readonly iv: Buffer }): Buffer | null {
  try {
    const decipher = createDecipheriv(name, KEY, iv);
    return Buffer.concat([decipher.update(blob), decipher.final()]);
  } catch {
    // What another implementation cannot open is no such wrapping: that is the answer.
    return null;
  }
}

/** Tries the wrapping of keys with a key whose value is known, so that another implementation can tell what came out. */
export class WrapTrials {
  readonly #bench: Bench;
  readonly #key: pkcs11js.Handle;

  constructor(bench: Bench) {
    this.#bench = bench;
    this.#key = bench.secret(pkcs11js.CKK_AES, KEY, pkcs11js.CKA_WRAP, pkcs11js.CKA_UNWRAP);
  }

  wrap(mechanism: number, target: pkcs11js.Handle): Buffer {
    const { module, session } = this.#bench;
    return Buffer.from(module.C_WrapKey(session, { mechanism }, this.#key, target, Buffer.alloc(ROOM)));
  }

  unwrap(mechanism: number, blob: Buffer, template: pkcs11js.Template): pkcs11js.Handle {
    const { module, session } = this.#bench;
    return module.C_UnwrapKey(session, { mechanism }, this.#key, blob, template);
  }

  /** How a mechanism seals 20 bytes: `exact` as RFC 5649 says, `zeros` filled up to 24 first, or in a way of its own. */
  padded(mechanism: number): "absent" | "exact" | "zeros" | "other" {
    if (!this.#bench.has(mechanism)) return "absent";
    const value = Buffer.alloc(20, 0x22);
    const value24 = Buffer.concat([value, Buffer.alloc(4)]);
    const plain = opened(this.wrap(mechanism, this.#bench.secret(pkcs11js.CKK_GENERIC_SECRET, value)), PADDED);
    if (plain?.equals(value) === true) return "exact";
    return plain?.equals(value24) === true ? "zeros" : "other";
  }

  /** Whether CKM_AES_KEY_WRAP is RFC 3394. */
  whole(): TrialOutcome {
    const value = Buffer.alloc(32, 0x33);
    const blob = this.wrap(pkcs11js.CKM_AES_KEY_WRAP, this.#bench.secret(pkcs11js.CKK_GENERIC_SECRET, value));
    return opened(blob, WHOLE)?.equals(value) === true;
  }

  /** A wrapped private key, P-256, and whether it is PKCS#8. */
  privateKey(mechanism: number): { readonly blob: Buffer; readonly isPkcs8: boolean } {
    const pair = this.#bench.ecPair(
      [
        { type: pkcs11js.CKA_PRIVATE, value: true },
        { type: pkcs11js.CKA_SENSITIVE, value: false },
        { type: pkcs11js.CKA_EXTRACTABLE, value: true },
        { type: pkcs11js.CKA_SIGN, value: true },
      ],
      [{ type: pkcs11js.CKA_VERIFY, value: true }],
    );
    const blob = this.wrap(mechanism, pair.privateKey);
    const der = opened(blob, PADDED);
    return { blob, isPkcs8: der !== null && isPrivateKey(der) };
  }

  /** The attribute without which an EC private key is not unwrapped: 0 for none, null where no one helps. */
  ecAttribute(mechanism: number): number | null {
    const { blob } = this.privateKey(mechanism);
    const template: pkcs11js.Template = [
      { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PRIVATE_KEY },
      { type: pkcs11js.CKA_KEY_TYPE, value: pkcs11js.CKK_EC },
      { type: pkcs11js.CKA_TOKEN, value: false },
      { type: pkcs11js.CKA_PRIVATE, value: true },
      { type: pkcs11js.CKA_SIGN, value: true },
    ];
    if (does(() => this.unwrap(mechanism, blob, template))) return 0;
    const more = [...template, { type: ASKED_FOR, value: Buffer.alloc(1, 1) }];
    return does(() => this.unwrap(mechanism, blob, more)) ? ASKED_FOR : null;
  }

  /** Whether an unwrapped key may be one that nobody modifies. */
  unwrapsUnmodifiable(mechanism: number): boolean {
    const blob = this.wrap(mechanism, this.#bench.secret(pkcs11js.CKK_AES, Buffer.alloc(16, 0x44)));
    const template = [...secretTemplate(pkcs11js.CKK_AES), { type: pkcs11js.CKA_MODIFIABLE, value: false }];
    return does(() => this.unwrap(mechanism, blob, template));
  }

  /** The longest of some lengths in bytes of a secret that is wrapped and unwrapped. */
  longest(mechanism: number, lengths: readonly number[]): number {
    const { module, session } = this.#bench;
    const fits = (length: number): boolean =>
      does(() => {
        const target = this.#bench.secret(pkcs11js.CKK_GENERIC_SECRET, Buffer.alloc(length, 0x55));
        const blob = module.C_WrapKey(session, { mechanism }, this.#key, target, Buffer.alloc(length + 64));
        module.C_DestroyObject(session, target);
        module.C_DestroyObject(session, this.unwrap(mechanism, blob, secretTemplate(pkcs11js.CKK_GENERIC_SECRET)));
      });
    let longest = 0;
    for (const length of lengths) {
      if (!fits(length)) break;
      longest = length;
    }
    return longest;
  }
}

/** Whether DER is PKCS#8, also with zeros behind it. */
function isPrivateKey(der: Buffer): boolean {
  for (let end = der.length; end > der.length - 8; end -= 1) {
    try {
      privateKeyFromDer(der.subarray(0, end));
      return true;
    } catch {
      // Perhaps with one zero less.
    }
  }
  return false;
}
