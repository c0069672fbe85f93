import pkcs11js from "pkcs11js";
import type { AgreeRequest, KeyReference, StoredKey } from "../../port.js";
import type { Custody } from "./custody.js";
import { failureKindOf, invalidData, returnValueOf, unsupported } from "./errors.js";
import type { KeyTaking } from "./key-taking.js";
import { ecPointOf } from "./public-key.js";
import { CURVES, SEALED_SECRET } from "./templates.js";

/** CKD_NULL: the secret is what is agreed on, without a function over it. */
const NO_FUNCTION = 1;

/** CK_EXTRACT_PARAMS: the number of the first bit to be taken, an unsigned long in the byte order of the machine. */
const FROM_THE_BEGINNING = Buffer.alloc(8);

/** Agreement of elliptic curve keys (ECDH, SP 800-56A §5.7.1.2) whose secret stays in the token. */
export class Agreement {
  readonly #custody: Custody;
  readonly #taking: KeyTaking;

  constructor(custody: Custody, taking: KeyTaking) {
    this.#custody = custody;
    this.#taking = taking;
  }

  /** Makes a key of what a private key agrees on with a public key. */
  agree(privateKey: KeyReference, publicKey: Buffer, request: AgreeRequest): StoredKey {
    const { token } = this.#custody;
    const { length } = request;
    if (privateKey.keyType !== "ec" || token.mechanism(pkcs11js.CKM_ECDH1_DERIVE) === null) {
      throw unsupported("the token does not agree on secrets with a key of that type");
    }
    const { curve, point } = ecPointOf(publicKey);
    const whole = CURVES[curve].coordinateLength;
    if (length < 1 || length > whole) throw invalidData(`keys on ${curve} agree on ${whole} bytes, not ${length}`);
    if (length < whole && token.mechanism(pkcs11js.CKM_EXTRACT_KEY_FROM_KEY) === null) {
      throw unsupported("the token gives what is agreed on as a whole, or its end");
    }
    this.#demandCurve(privateKey, CURVES[curve].parameters);
    return token.briefly(this.#secret(privateKey, point, whole), (secret) => {
      const taken = { ...request, keyClass: "secret" } as const;
      if (length === whole) return this.#taking.keepSecret(secret, length, taken);
      return token.briefly(this.#beginning(secret, length), (beginning) =>
        this.#taking.keepSecret(beginning, length, taken),
      );
    });
  }

  #demandCurve(privateKey: KeyReference, parameters: string): void {
    const { token } = this.#custody;
    const [own] = this.#custody.withKey(privateKey, "own", (handle) =>
      token.attributes(handle, [pkcs11js.CKA_EC_PARAMS]),
    );
    if (own?.toString("hex") !== parameters) throw invalidData("the two keys are not on one curve");
  }

  #secret(privateKey: KeyReference, point: Buffer, length: number): pkcs11js.Handle {
    const { token } = this.#custody;
    const parameter = { type: pkcs11js.CK_PARAMS_EC_DH, kdf: NO_FUNCTION, publicData: point } as const;
    return this.#custody.withKey(privateKey, "own", (handle) => {
      try {
        return token.module.C_DeriveKey(
          token.keeperSession,
          { mechanism: pkcs11js.CKM_ECDH1_DERIVE, parameter },
          handle,
          [...SEALED_SECRET, { type: pkcs11js.CKA_VALUE_LEN, value: length }],
        );
      } catch (error) {
        if (failureKindOf(error) === "stale-handle") throw error;
        if (returnValueOf(error) === pkcs11js.CKR_KEY_FUNCTION_NOT_PERMITTED) {
          throw unsupported("the key was made in the token without leave to agree on secrets");
        }
        throw token.explain(error, "device-error");
      }
    });
  }

  #beginning(secret: pkcs11js.Handle, length: number): pkcs11js.Handle {
    const { token } = this.#custody;
    const mechanism = { mechanism: pkcs11js.CKM_EXTRACT_KEY_FROM_KEY, parameter: FROM_THE_BEGINNING };
    const template = [...SEALED_SECRET, { type: pkcs11js.CKA_VALUE_LEN, value: length }];
    return token.module.C_DeriveKey(token.keeperSession, mechanism, secret, template);
  }
}
