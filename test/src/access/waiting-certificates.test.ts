import t from "tap";
import type { CertificateDescription } from "#certs/describe.js";
import { type UnknownCertificate, WaitingCertificates, type WaitingSetting } from "#src/access/waiting-certificates.js";
import { onEveryDatabase, type TestDatabase } from "#test/support/databases.js";

const usual: WaitingSetting = { lifetimeMilliseconds: 60_000, inAll: 100, ofAddress: 100, newOfMinute: 100 };

let made = 0;

/** A certificate that nobody has shown before. */
function unknown(sourceAddress = "192.0.2.1"): UnknownCertificate {
  made += 1;
  const description: CertificateDescription = {
    subject: `CN=stranger-${made}`,
    issuer: `CN=stranger-${made}`,
    serial: "01",
    keyType: "EC P-256",
    extendedKeyUsages: [],
    subjectAlternativeNames: [],
    isAuthority: false,
    fingerprint256: made.toString(16).padStart(64, "0"),
    der: Buffer.from("30", "hex"),
    notBefore: new Date(0),
    notAfter: new Date(4_000_000_000_000),
  };
  return { description, sourceAddress, listener: "kmip", authorityId: null, suggestedName: null, note: null };
}

/** Shows certificates to a list of its own, over a database that several lists share, and waits until it is written. */
async function show({ database }: TestDatabase, setting: WaitingSetting, all: readonly UnknownCertificate[]) {
  const told = { added: [] as string[], turnedAway: 0, failures: [] as unknown[] };
  const waiting = new WaitingCertificates({
    database,
    setting,
    added: ({ fingerprint }) => told.added.push(fingerprint),
    turnedAway: (count) => {
      told.turnedAway += count;
    },
    failed: (error) => told.failures.push(error),
  });
  for (const each of all) waiting.shown(each);
  await waiting.stop();
  return told;
}

const fingerprints = (all: readonly UnknownCertificate[]): string[] =>
  all.map(({ description }) => description.fingerprint256);

t.test("certificates that wait", (t) =>
  onEveryDatabase(t, async (t, opened) => {
    const rows = () => opened.database.read.waitingCertificates.list(0);
    const strangers = Array.from({ length: 3 }, () => unknown());

    await t.test("are told of once, however often they come", async (t) => {
      t.match(await show(opened, usual, [...strangers, ...strangers]), {
        added: fingerprints(strangers),
        failures: [],
      });
      t.match(await show(opened, usual, strangers), { added: [], turnedAway: 0 });
      t.same(
        (await rows()).map(({ count }) => count),
        [3, 3, 3],
      );
    });

    await t.test("find no room beyond as many as are kept in all, also those that come together", async (t) => {
      const more = Array.from({ length: 5 }, () => unknown());
      t.match(await show(opened, { ...usual, inAll: 5 }, more), {
        added: fingerprints(more).slice(0, 2),
        turnedAway: 3,
      });
      t.equal((await rows()).length, 5);
    });

    await t.test("find no room beyond as many as are kept of their address, where others still do", async (t) => {
      const [one, two, other] = [unknown("192.0.2.2"), unknown("192.0.2.2"), unknown("192.0.2.3")];
      const told = await show(opened, { ...usual, ofAddress: 1 }, [one, two, other]);
      t.match(told, { added: fingerprints([one, other]), turnedAway: 1 });
    });

    await t.test("are turned away where more than so many new ones come in a minute, known ones not", async (t) => {
      const before = (await rows()).length;
      const many = Array.from({ length: 50 }, () => unknown("192.0.2.4"));
      const told = await show(opened, { ...usual, newOfMinute: 4 }, [...many, ...many.slice(0, 4)]);
      t.match(told, { added: fingerprints(many).slice(0, 4), turnedAway: 46 });
      t.equal((await rows()).length, before + 4);
    });

    await t.test("are forgotten when they have not come for as long as they are kept", async (t) => {
      const last = unknown();
      await new Promise((resolve) => setTimeout(resolve, 5));
      await show(opened, { ...usual, lifetimeMilliseconds: 1 }, [last]);
      t.same(
        (await rows()).map(({ fingerprint }) => fingerprint),
        fingerprints([last]),
      );
    });
  }),
);
