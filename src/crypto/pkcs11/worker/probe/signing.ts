import { diffieHellman, generateKeyPairSync } from "node:crypto";
import pkcs11js from "pkcs11js";
import { publicKeyFromJwk } from "#certs/key-reading.js";
import { HASHES } from "../../mechanisms.js";
import type { TrialOutcome } from "../../profiles/probe-report.js";
import { CURVES } from "../templates.js";
import { type Bench, does, secretTemplate } from "./bench.js";

const DATA = Buffer.alloc(40, 0x99);

/** Longest HMAC key that is tried, in bytes: a block of SHA-256. */
const LONGEST_TRIED = 64;

/** Tries codes, digests, signatures and agreement. */
export class SignTrials {
  readonly #bench: Bench;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  #authenticates(mechanism: number, key: pkcs11js.Handle, data: Buffer): boolean {
    const { module } = this.#bench;
    return does(() =>
      this.#bench.apart((session) => {
        module.C_SignInit(session, { mechanism }, key);
        module.C_Sign(session, data, Buffer.alloc(128));
      }),
    );
  }

  /** The shortest key in bytes with which each HMAC is made; null where none of up to 64 bytes is taken. */
  shortestKeys(): TrialOutcome {
    const hashes = ["sha1", "sha256", "sha384", "sha512"] as const;
    const found = hashes.map((hash) => {
      for (let length = 1; length <= LONGEST_TRIED; length += 1) {
        const key = this.#bench.secret(pkcs11js.CKK_GENERIC_SECRET, Buffer.alloc(length, 1), pkcs11js.CKA_SIGN);
        if (this.#authenticates(HASHES[hash].hmac, key, DATA)) return [hash, length] as const;
      }
      return [hash, null] as const;
    });
    return Object.fromEntries(found);
  }

  /** Whether HMAC and digests take no data in one part. */
  takesNothing(): boolean {
    const { module } = this.#bench;
    const key = this.#bench.secret(pkcs11js.CKK_GENERIC_SECRET, Buffer.alloc(64, 1), pkcs11js.CKA_SIGN);
    const digests = does(() =>
      this.#bench.apart((session) => {
        module.C_DigestInit(session, { mechanism: pkcs11js.CKM_SHA256 });
        module.C_Digest(session, Buffer.alloc(0), Buffer.alloc(32));
      }),
    );
    return digests && this.#authenticates(HASHES.sha256.hmac, key, Buffer.alloc(0));
  }

  /** Whether a key that may not be read is digested. */
  digestsKeys(): boolean {
    const { module, session } = this.#bench;
    const key = module.C_GenerateKey(session, { mechanism: pkcs11js.CKM_AES_KEY_GEN }, [
      { type: pkcs11js.CKA_TOKEN, value: false },
      { type: pkcs11js.CKA_PRIVATE, value: true },
      { type: pkcs11js.CKA_SENSITIVE, value: true },
      { type: pkcs11js.CKA_EXTRACTABLE, value: true },
      { type: pkcs11js.CKA_VALUE_LEN, value: 32 },
    ]);
    return does(() =>
      this.#bench.apart((apart) => {
        module.C_DigestInit(apart, { mechanism: pkcs11js.CKM_SHA256 });
        module.C_DigestKey(apart, key);
        module.C_DigestFinal(apart, Buffer.alloc(32));
      }),
    );
  }

  /** Whether PSS is done with an MGF1 hash other than that of the message. */
  pssWithOtherMask(): boolean {
    const { module, session } = this.#bench;
    const pair = module.C_GenerateKeyPair(
      session,
      { mechanism: pkcs11js.CKM_RSA_PKCS_KEY_PAIR_GEN },
      [
        { type: pkcs11js.CKA_TOKEN, value: false },
        { type: pkcs11js.CKA_MODULUS_BITS, value: 2048 },
        { type: pkcs11js.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) },
      ],
      [
        { type: pkcs11js.CKA_TOKEN, value: false },
        { type: pkcs11js.CKA_PRIVATE, value: true },
        { type: pkcs11js.CKA_SIGN, value: true },
      ],
    );
    return does(() =>
      this.#bench.apart((apart) => {
        const parameter: pkcs11js.RsaPSS = {
          type: pkcs11js.CK_PARAMS_RSA_PSS,
          hashAlg: pkcs11js.CKM_SHA256,
          mgf: pkcs11js.CKG_MGF1_SHA1,
          saltLen: 20,
        };
        module.C_SignInit(apart, { mechanism: pkcs11js.CKM_RSA_PKCS_PSS, parameter }, pair.privateKey);
        module.C_Sign(apart, Buffer.alloc(32, 1), Buffer.alloc(512));
      }),
    );
  }

  /** What two EC keys agree on in the token: as elsewhere, or not. */
  agrees(): TrialOutcome {
    const { module, session } = this.#bench;
    const width = CURVES["P-256"].coordinateLength;
    const pair = this.#bench.ecPair([
      { type: pkcs11js.CKA_PRIVATE, value: true },
      { type: pkcs11js.CKA_DERIVE, value: true },
    ]);
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwk = other.publicKey.export({ format: "jwk" });
    const coordinates = [jwk.x, jwk.y].map((each) => Buffer.from(each ?? "", "base64url"));
    const publicData = Buffer.concat([Buffer.from([4]), ...coordinates]);
    const parameter: pkcs11js.ECDH1 = { type: pkcs11js.CK_PARAMS_EC_DH, kdf: 1, publicData };
    const mechanism = { mechanism: pkcs11js.CKM_ECDH1_DERIVE, parameter };
    const template = [...secretTemplate(pkcs11js.CKK_GENERIC_SECRET), { type: pkcs11js.CKA_VALUE_LEN, value: width }];
    const secret = module.C_DeriveKey(session, mechanism, pair.privateKey, template);
    const read = (handle: pkcs11js.Handle, type: number): Buffer =>
      module.C_GetAttributeValue(session, handle, [{ type }])[0]?.value ?? Buffer.alloc(0);
    const point = read(pair.publicKey, pkcs11js.CKA_EC_POINT).subarray(-2 * width);
    const [x, y] = [point.subarray(0, width), point.subarray(width)].map((each) => each.toString("base64url"));
    const publicKey = publicKeyFromJwk({ kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" });
    const expected = diffieHellman({ privateKey: other.privateKey, publicKey });
    return read(secret, pkcs11js.CKA_VALUE).equals(expected);
  }
}
