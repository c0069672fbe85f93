import pkcs11js from "pkcs11js";
import type { TrialOutcome } from "../../profiles/probe-report.js";
import { type Bench, does } from "./bench.js";

/** Most sessions that are opened at once. */
const MOST_TRIED = 64;

/** How many sessions at once the token opens, up to 64. */
export function sessionsAtOnce({ module, slot }: Bench): number {
  const open: pkcs11js.Handle[] = [];
  try {
    const more = (): boolean =>
      does(() => {
        open.push(module.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION));
      });
    while (open.length < MOST_TRIED && more());
    return open.length;
  } finally {
    for (const session of open) module.C_CloseSession(session);
  }
}

/** Whether the handle of an object works in a session with another token; null where there is no other. */
export function handlesAreOfProcess(bench: Bench): boolean | null {
  const { module, slot } = bench;
  const others = module.C_GetSlotList(true).filter((other) => !other.equals(slot));
  const key = bench.secret(pkcs11js.CKK_AES, Buffer.alloc(16, 1), pkcs11js.CKA_ENCRYPT);
  for (const other of others) {
    if ((module.C_GetTokenInfo(other).flags & pkcs11js.CKF_TOKEN_INITIALIZED) === 0) continue;
    const session = module.C_OpenSession(other, pkcs11js.CKF_SERIAL_SESSION);
    try {
      return does(() => module.C_GetAttributeValue(session, key, [{ type: pkcs11js.CKA_KEY_TYPE }]));
    } finally {
      module.C_CloseSession(session);
    }
  }
  return null;
}

/** Whether the token takes seeds for its random numbers. */
export function takesSeeds({ module, session }: Bench): TrialOutcome {
  return does(() => module.C_SeedRandom(session, Buffer.alloc(32, 1)));
}
