import t from "tap";
import { CredentialType } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { Credentials } from "#src/access/credentials.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { Database } from "#storage/database.js";

const noTenants = { read: { tenants: { byName: async () => null } } } as unknown as Database;

async function refusalOf(credentials: Credentials): Promise<KmipError> {
  const credentialValue = { username: "demo/nobody", password: "wrong horse" };
  const credential = [{ credentialType: CredentialType.UsernameAndPassword, credentialValue }];
  const header = { protocolVersion: V2_1, attestationType: [], batchCount: 1, authentication: { credential } };
  try {
    await credentials.authenticate(header, null, "192.0.2.1");
  } catch (error) {
    if (error instanceof KmipError) return error;
    throw error;
  }
  throw new Error("nobody was let in");
}

t.test("a name that nobody has is checked like any, and a check that had no room is no failure", async (t) => {
  const credentials = new Credentials({
    database: noTenants,
    unseal: async (sealed) => sealed,
    wallMilliseconds: () => 0,
    steadyMilliseconds: () => 0,
  });
  const refusals = await Promise.all(Array.from({ length: 24 }, () => refusalOf(credentials)));
  t.equal(refusals.filter(({ reason }) => reason === "AuthenticationNotSuccessful").length, 16, "so many at once");
  t.equal(refusals.filter(({ reason }) => reason === "GeneralFailure").length, 8);
  t.match(await refusalOf(credentials), { message: "the credential is not right" });
});
