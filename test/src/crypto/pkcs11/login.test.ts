import pkcs11js from "pkcs11js";
import t from "tap";
import { logIn } from "#src/crypto/pkcs11/worker/login.js";

const { CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED } = pkcs11js;

/** A module whose token has these flags; it counts the logins and refuses them where `wrong`. */
function moduleWith(flags: number, { wrong = false, flagsAfter = flags } = {}) {
  let logins = 0;
  const module = {
    C_GetTokenInfo: () => ({ flags: logins > 0 ? flagsAfter : flags }),
    C_Login: () => {
      logins += 1;
      if (wrong) throw new pkcs11js.Pkcs11Error("CKR_PIN_INCORRECT", pkcs11js.CKR_PIN_INCORRECT, "C_Login");
    },
  } as unknown as pkcs11js.PKCS11;
  const handle = Buffer.alloc(8);
  return {
    logIn: (refusedBefore: boolean) => logIn(module, handle, handle, { pin: Buffer.from("1234"), refusedBefore }),
    logins: () => logins,
  };
}

t.test("a PIN is not tried where the next wrong one locks the token, nor where it is locked", async (t) => {
  for (const flags of [CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED, CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY]) {
    const token = moduleWith(flags);
    t.throws(() => token.logIn(false), { code: "unavailable", fault: "pin-refused", restart: true, counted: true });
    t.equal(token.logins(), 0);
  }
});

t.test("a PIN that was refused before is tried only where the token counts no failure", async (t) => {
  const counting = moduleWith(CKF_USER_PIN_COUNT_LOW);
  t.throws(() => counting.logIn(true), { code: "unavailable", fault: "pin-refused" });
  t.equal(counting.logins(), 0);
  const clear = moduleWith(0);
  clear.logIn(true);
  t.equal(clear.logins(), 1);
});

t.test("another PIN is tried although somebody has mistaken it before", async (t) => {
  const counting = moduleWith(CKF_USER_PIN_COUNT_LOW);
  counting.logIn(false);
  t.equal(counting.logins(), 1);
});

t.test("a refusal tells whether the token counts it", async (t) => {
  const counting = moduleWith(0, { wrong: true, flagsAfter: CKF_USER_PIN_COUNT_LOW });
  t.throws(() => counting.logIn(false), {
    code: "unavailable",
    counted: true,
    returnValue: pkcs11js.CKR_PIN_INCORRECT,
  });
  const silent = moduleWith(0, { wrong: true });
  t.throws(() => silent.logIn(false), { code: "unavailable", counted: false });
});
