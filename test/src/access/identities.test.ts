import t from "tap";
import { Identities } from "#src/access/identities.js";
import type { Database } from "#storage/database.js";

const registered = { certificate: { vouchedBy: null } };

/** Identities over one registration, and how often it was read. */
function identities() {
  const asked: string[] = [];
  const byFingerprint = async (fingerprint: string) => {
    asked.push(fingerprint);
    return fingerprint === "known" ? registered : null;
  };
  const database = { read: { clients: { byFingerprint } } } as unknown as Database;
  return { identities: new Identities(database, () => 0), asked };
}

t.test("a registration is read once while it is trusted, and again after a change", async (t) => {
  const { identities: found, asked } = identities();
  t.same([await found.find("known"), await found.find("known")], [registered, registered]);
  t.same(asked, ["known"]);
  await found.changed();
  await found.find("known");
  t.same(asked, ["known", "known"]);
});

t.test("a registration that many ask for at once is read once", async (t) => {
  const { identities: found, asked } = identities();
  const answers = await Promise.all([found.find("known"), found.find("known"), found.find("known")]);
  t.same(answers, [registered, registered, registered]);
  t.same(asked, ["known"]);
});

t.test("who asks after a change does not get what was being read before it", async (t) => {
  const { identities: found, asked } = identities();
  const before = found.find("known");
  const changed = found.changed();
  await Promise.all([before, found.find("known"), changed]);
  t.same(asked, ["known", "known"]);
});

t.test("nothing is remembered of certificates of nobody, of which there are any number", async (t) => {
  const { identities: found, asked } = identities();
  t.same([await found.find("stranger"), await found.find("stranger")], [null, null]);
  t.same(asked, ["stranger", "stranger"]);
});
