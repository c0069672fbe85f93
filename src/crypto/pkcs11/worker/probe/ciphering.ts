import { createCipheriv, generateKeyPairSync } from "node:crypto";
import pkcs11js from "pkcs11js";
import type { TrialOutcome } from "../../profiles/probe-report.js";
import { type Bench, does } from "./bench.js";

const KEY = Buffer.alloc(32, 0x66);
const IV = Buffer.alloc(12, 0x77);
const DATA = Buffer.alloc(40, 0x88);

/** Tag lengths that are tried, in bits: those of SP 800-38D, and some that are too short. */
const TAG_BITS = [0, 8, 32, 64, 96, 104, 112, 120, 128];

const FORMS = [
  ["v2.40", pkcs11js.CK_PARAMS_AES_GCM_v240],
  ["older", pkcs11js.CK_PARAMS_AES_GCM],
] as const;

/** Tries AES-GCM and RSA encryption. */
export class CipherTrials {
  readonly #bench: Bench;
  readonly #key: pkcs11js.Handle;

  constructor(bench: Bench) {
    this.#bench = bench;
    this.#key = bench.secret(pkcs11js.CKK_AES, KEY, pkcs11js.CKA_ENCRYPT, pkcs11js.CKA_DECRYPT);
  }

  /** Encrypts by AES-GCM in a session of its own. */
  gcm(form: number, data = DATA, { tagBits = 128, iv = IV }: { tagBits?: number; iv?: Buffer } = {}): Buffer {
    const { module } = this.#bench;
    const parameter = { type: form, iv, ivBits: iv.length * 8, tagBits } as pkcs11js.AesGCM;
    return this.#bench.apart((session) => {
      module.C_EncryptInit(session, { mechanism: pkcs11js.CKM_AES_GCM, parameter }, this.#key);
      return Buffer.from(module.C_Encrypt(session, data, Buffer.alloc(data.length + 64)));
    });
  }

  /** The form of the parameters with which AES-GCM is what another implementation makes; null for neither. */
  form(): "v2.40" | "older" | null {
    const cipher = createCipheriv("aes-256-gcm", KEY, IV);
    const expected = Buffer.concat([cipher.update(DATA), cipher.final(), cipher.getAuthTag()]);
    const found = FORMS.find(([, form]) => {
      let made: Buffer = Buffer.alloc(0);
      return (
        does(() => {
          made = this.gcm(form);
        }) && made.equals(expected)
      );
    });
    return found?.[0] ?? null;
  }

  /** Whether the token encrypts by AES-GCM in parts. */
  inParts(form: number): boolean {
    const { module } = this.#bench;
    const parameter = { type: form, iv: IV, ivBits: 96, tagBits: 128 } as pkcs11js.AesGCM;
    return does(() =>
      this.#bench.apart((session) => {
        module.C_EncryptInit(session, { mechanism: pkcs11js.CKM_AES_GCM, parameter }, this.#key);
        module.C_EncryptUpdate(session, DATA, Buffer.alloc(128));
        module.C_EncryptFinal(session, Buffer.alloc(128));
      }),
    );
  }

  /** Tag lengths in bits that the token makes; below 96 it should not. */
  tagLengths(form: number): readonly number[] {
    return TAG_BITS.filter((tagBits) => does(() => this.gcm(form, DATA, { tagBits })));
  }

  /** Whether AES-GCM takes no data in one part. */
  takesNothing(form: number): boolean {
    return does(() => this.gcm(form, Buffer.alloc(0)));
  }

  /** Whether AES-GCM takes an IV of no bytes, which it should not. */
  takesNoVector(form: number): boolean {
    return does(() => this.gcm(form, DATA, { iv: Buffer.alloc(0) }));
  }

  /** Whether a session still works after a decryption in it has failed. */
  sessionSurvives(form: number): boolean {
    const { module } = this.#bench;
    return this.#bench.apart((session) => {
      const parameter = { type: form, iv: IV, ivBits: 96, tagBits: 128 } as pkcs11js.AesGCM;
      module.C_DecryptInit(session, { mechanism: pkcs11js.CKM_AES_GCM, parameter }, this.#key);
      if (does(() => module.C_Decrypt(session, Buffer.alloc(64), Buffer.alloc(128)))) return false;
      return does(() => {
        module.C_EncryptInit(session, { mechanism: pkcs11js.CKM_AES_ECB }, this.#key);
        module.C_Encrypt(session, Buffer.alloc(16), Buffer.alloc(32));
      });
    });
  }

  /** Whether OAEP is done with SHA-256, and with a label. */
  oaep(): TrialOutcome {
    const { module, session } = this.#bench;
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { n = "", e = "" } = publicKey.export({ format: "jwk" });
    const key = module.C_CreateObject(session, [
      { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PUBLIC_KEY },
      { type: pkcs11js.CKA_KEY_TYPE, value: pkcs11js.CKK_RSA },
      { type: pkcs11js.CKA_TOKEN, value: false },
      { type: pkcs11js.CKA_ENCRYPT, value: true },
      { type: pkcs11js.CKA_MODULUS, value: Buffer.from(n, "base64url") },
      { type: pkcs11js.CKA_PUBLIC_EXPONENT, value: Buffer.from(e, "base64url") },
    ]);
    const encrypts = (hashAlg: number, mgf: number, label: Buffer): boolean =>
      does(() =>
        this.#bench.apart((apart) => {
          const plain = { type: pkcs11js.CK_PARAMS_RSA_OAEP, hashAlg, mgf, source: 1 };
          const parameter: pkcs11js.RsaOAEP = label.length > 0 ? { ...plain, sourceData: label } : plain;
          module.C_EncryptInit(apart, { mechanism: pkcs11js.CKM_RSA_PKCS_OAEP, parameter }, key);
          module.C_Encrypt(apart, DATA, Buffer.alloc(512));
        }),
      );
    const none = Buffer.alloc(0);
    if (!encrypts(pkcs11js.CKM_SHA_1, pkcs11js.CKG_MGF1_SHA1, none)) return "not at all";
    const wide = encrypts(pkcs11js.CKM_SHA256, pkcs11js.CKG_MGF1_SHA256, none);
    const labelled = encrypts(pkcs11js.CKM_SHA_1, pkcs11js.CKG_MGF1_SHA1, Buffer.from("label"));
    return wide && labelled ? "any" : "SHA-1 without a label only";
  }
}
