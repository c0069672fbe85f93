/** How often a second the PKCS#11 module itself can do what an operation needs; started by main.ts with its seconds. */
import { randomBytes } from "node:crypto";
import pkcs11js from "pkcs11js";
import { SOFTHSM_MODULE } from "#test/support/softhsm.js";

/** Calls a second under the name of the operation that needs them. */
export type Pkcs11Rates = Readonly<Record<"create" | "encrypt" | "sign", number>>;

const pin = "24681012";

function openSession(module: pkcs11js.PKCS11): Buffer {
  module.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK });
  const [empty] = module.C_GetSlotList(false);
  if (empty === undefined) throw new RangeError("SoftHSM has no slot");
  module.C_InitToken(empty, pin, "bench");
  const [slot] = module.C_GetSlotList(true);
  if (slot === undefined) throw new RangeError("SoftHSM has no token");
  const session = module.C_OpenSession(slot, pkcs11js.CKF_RW_SESSION | pkcs11js.CKF_SERIAL_SESSION);
  module.C_Login(session, pkcs11js.CKU_SO, pin);
  module.C_InitPIN(session, pin);
  module.C_Logout(session);
  module.C_Login(session, pkcs11js.CKU_USER, pin);
  return session;
}

function rate(seconds: number, call: () => unknown): number {
  const start = performance.now();
  const until = start + seconds * 1000;
  let calls = 0;
  for (; performance.now() < until; calls += 1) call();
  return (calls * 1000) / (performance.now() - start);
}

function aesTemplate(extra: pkcs11js.Template = []): pkcs11js.Template {
  return [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_SECRET_KEY },
    { type: pkcs11js.CKA_KEY_TYPE, value: pkcs11js.CKK_AES },
    { type: pkcs11js.CKA_TOKEN, value: false },
    { type: pkcs11js.CKA_VALUE_LEN, value: 32 },
    { type: pkcs11js.CKA_ENCRYPT, value: true },
    { type: pkcs11js.CKA_EXTRACTABLE, value: true },
    ...extra,
  ];
}

function measure(module: pkcs11js.PKCS11, session: Buffer, seconds: number): Pkcs11Rates {
  const generation = { mechanism: pkcs11js.CKM_AES_KEY_GEN };
  const wrapping = module.C_GenerateKey(session, generation, aesTemplate([{ type: pkcs11js.CKA_WRAP, value: true }]));
  const key = module.C_GenerateKey(session, generation, aesTemplate());
  const create = rate(seconds, () => {
    const made = module.C_GenerateKey(session, generation, aesTemplate());
    module.C_WrapKey(session, { mechanism: pkcs11js.CKM_AES_KEY_WRAP_PAD }, wrapping, made, Buffer.alloc(64));
    module.C_DestroyObject(session, made);
  });
  const data = randomBytes(1024);
  const encrypt = rate(seconds, () => {
    const parameter = {
      type: pkcs11js.CK_PARAMS_AES_GCM_v240,
      iv: randomBytes(12),
      aad: Buffer.alloc(0),
      ivBits: 96,
      tagBits: 128,
    };
    module.C_EncryptInit(session, { mechanism: pkcs11js.CKM_AES_GCM, parameter }, key);
    return module.C_Encrypt(session, data, Buffer.alloc(data.length + 16));
  });
  const curve = Buffer.from("06082a8648ce3d030107", "hex");
  const { privateKey } = module.C_GenerateKeyPair(
    session,
    { mechanism: pkcs11js.CKM_EC_KEY_PAIR_GEN },
    [{ type: pkcs11js.CKA_EC_PARAMS, value: curve }],
    [{ type: pkcs11js.CKA_SIGN, value: true }],
  );
  const digest = randomBytes(32);
  const sign = rate(seconds, () => {
    module.C_SignInit(session, { mechanism: pkcs11js.CKM_ECDSA }, privateKey);
    return module.C_Sign(session, digest, Buffer.alloc(64));
  });
  return { create, encrypt, sign };
}

process.once("message", (seconds: number) => {
  const module = new pkcs11js.PKCS11();
  module.load(SOFTHSM_MODULE);
  const rates = measure(module, openSession(module), seconds);
  process.send?.(rates, () => process.disconnect());
});
