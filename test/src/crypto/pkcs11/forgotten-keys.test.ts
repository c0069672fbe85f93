import t from "tap";
import type { Custody } from "#src/crypto/pkcs11/worker/custody.js";
import type { TokenFiles } from "#src/crypto/pkcs11/worker/token-files.js";
import { TokenKeys } from "#src/crypto/pkcs11/worker/token-keys.js";

/** A token that forgets a key at the first try to remove it, which fails, as SoftHSM does. */
function forgetfulToken(): Custody {
  const known = new Set(["a"]);
  const token = {
    findStoredKey: (id: Buffer) => (known.has(id.toString()) ? id : null),
    destroy(id: Buffer) {
      known.delete(id.toString());
      throw new Error("CKR_FUNCTION_FAILED");
    },
  };
  return { token } as unknown as Custody;
}

const files = (writable: boolean): TokenFiles =>
  ({ writable, settleFolders: () => undefined }) as unknown as TokenFiles;

t.test("a key that could not be removed does not count as removed because the token has forgotten it", async (t) => {
  for (const writable of [true, false]) {
    const keys = new TokenKeys(forgetfulToken(), files(writable));
    t.throws(() => keys.destroy(Buffer.from("a"), "secret"), /CKR_FUNCTION_FAILED/);
    const again = { code: "device-error", restart: writable };
    t.throws(() => keys.destroy(Buffer.from("a"), "secret"), again, "a new worker is asked for once that can help");
    keys.destroy(Buffer.from("b"), "secret");
  }
});
