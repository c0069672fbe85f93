import pkcs11js from "pkcs11js";
import { type Bench, does } from "./bench.js";

/** How long each call is repeated, in milliseconds. */
const SPAN = 150;

/** Calls in a second; undefined where the token does not do them. */
function rateOf(call: () => unknown): number | undefined {
  if (!does(call)) return undefined;
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < SPAN) {
    call();
    calls += 1;
  }
  return Math.round((calls * 1000) / (performance.now() - start));
}

/** How many calls of each kind the token does in a second, one after the other. */
export function speedsOf(bench: Bench): Readonly<Record<string, number>> {
  const { module, session } = bench;
  const aes = bench.secret(pkcs11js.CKK_AES, Buffer.alloc(32, 1), pkcs11js.CKA_ENCRYPT);
  const mac = bench.secret(pkcs11js.CKK_GENERIC_SECRET, Buffer.alloc(64, 1), pkcs11js.CKA_SIGN);
  const pair = bench.ecPair([{ type: pkcs11js.CKA_SIGN, value: true }]);
  const data = Buffer.alloc(1024, 1);
  const calls: Readonly<Record<string, () => unknown>> = {
    "AES-CBC of 1 KiB": () => {
      module.C_EncryptInit(session, { mechanism: pkcs11js.CKM_AES_CBC, parameter: Buffer.alloc(16) }, aes);
      module.C_Encrypt(session, data, Buffer.alloc(1100));
    },
    "HMAC-SHA-256 of 1 KiB": () => {
      module.C_SignInit(session, { mechanism: pkcs11js.CKM_SHA256_HMAC }, mac);
      module.C_Sign(session, data, Buffer.alloc(64));
    },
    "ECDSA P-256": () => {
      module.C_SignInit(session, { mechanism: pkcs11js.CKM_ECDSA }, pair.privateKey);
      module.C_Sign(session, Buffer.alloc(32, 1), Buffer.alloc(128));
    },
    "AES-256 key": () => {
      const key = module.C_GenerateKey(session, { mechanism: pkcs11js.CKM_AES_KEY_GEN }, [
        { type: pkcs11js.CKA_TOKEN, value: false },
        { type: pkcs11js.CKA_VALUE_LEN, value: 32 },
      ]);
      module.C_DestroyObject(session, key);
    },
    "32 random bytes": () => module.C_GenerateRandom(session, Buffer.alloc(32)),
  };
  const rates = Object.entries(calls).map(([name, call]) => [name, rateOf(call)] as const);
  return Object.fromEntries(rates.filter((row): row is [string, number] => row[1] !== undefined));
}
