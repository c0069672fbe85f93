import t from "tap";
import { oneTimePassword, oneTimeStep, secretsOf } from "#src/access/credential-secrets.js";
import { hashPassword, verifyPassword } from "#src/access/passwords.js";
import { base32 } from "#src/administration/base32.js";

/** RFC 6238 appendix B with SHA-1: seconds since 1970 and the last six digits. */
const published: readonly (readonly [number, string])[] = [
  [59, "287082"],
  [1_111_111_109, "081804"],
  [1_111_111_111, "050471"],
  [1_234_567_890, "005924"],
  [2_000_000_000, "279037"],
  [20_000_000_000, "353130"],
];
const key = Buffer.from("12345678901234567890");

t.test("one-time passwords are those of RFC 6238", async (t) => {
  for (const [seconds, digits] of published) t.equal(oneTimePassword(key, Math.floor(seconds / 30)), digits);
});

t.test("a one-time password fits its own step and the neighbours of it", async (t) => {
  const secrets = secretsOf("user", "password", key);
  t.equal(oneTimeStep(secrets, "287082", 59), 1);
  t.equal(oneTimeStep(secrets, "287082", 59 + 30), 1);
  t.equal(oneTimeStep(secrets, "287082", 59 + 60), undefined);
  t.equal(oneTimeStep(secretsOf("user", "password"), "287082", 59), undefined);
});

t.test("base 32 is that of RFC 4648", async (t) => {
  const vectors = ["", "MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI"];
  for (const [length, text] of vectors.entries()) t.equal(base32(Buffer.from("foobar".slice(0, length))), text);
});

t.test("a password is known by its hash, which differs each time", async (t) => {
  const hash = await hashPassword("geheim");
  t.notSame(hash, await hashPassword("geheim"));
  t.ok(await verifyPassword("geheim", hash));
  t.notOk(await verifyPassword("Geheim", hash));
  t.notOk(await verifyPassword("geheim", "plain$geheim"));
});
