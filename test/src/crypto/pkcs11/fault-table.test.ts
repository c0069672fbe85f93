import { readFileSync } from "node:fs";
import t from "tap";
import { eventOfFault } from "#src/administration/partition-reports.js";
import { eventsReference } from "#src/audit/events/reference.js";
import { eventTable } from "#src/audit/events/table.js";
import { type FaultName, faultTable } from "#src/crypto/pkcs11/faults.js";
import { faultsReference } from "#src/kmip-service/faults-reference.js";
import { sourceFiles } from "#test/support/source-files.js";

const here = "test/src/crypto/pkcs11";

/** The tests that cause each fault: the file, and the name of the test. */
const proofs: Readonly<Record<FaultName, readonly (readonly [file: string, name: string])[]>> = {
  "session-lost": [
    ["session-faults", "a lost session is opened anew, and its operation done once more"],
    ["session-faults", "where all sessions are lost the login is as well: a new worker repeats the call"],
    ["session-faults", "a key that was being made in the token when the sessions were lost is not made twice"],
  ],
  "session-poisoned": [
    ["session-faults", "a session that is poisoned is left, and its operation done once more in another"],
    ["session-faults", "an operation that was begun and never ended does not disturb the next"],
  ],
  "sessions-exhausted": [
    ["session-faults", "with no session left calls are refused as overloaded, until there are some again"],
  ],
  "login-lost": [["session-faults", "a lost login is noticed, and a new worker logs in and repeats the call"]],
  "pin-refused": [
    ["token-faults", "a PIN that the token refuses is tried once, and another at once"],
    ["token-faults", "a PIN that a counting token has refused is tried again once the token says nothing of failures"],
    ["token-faults", "a PIN that was refused is not tried by another process of the server either"],
    ["login", "a PIN is not tried where the next wrong one locks the token, nor where it is locked"],
  ],
  "token-missing": [
    ["token-faults", "a token that is not in its slot makes nothing missing, and is found when it is back"],
    ["token-faults", "a token that finds nothing is missing, not empty"],
    ["unavailable", "a token that went away makes the partition unavailable, never its keys missing"],
  ],
  "token-restored": [["token-faults", "a token file that was cut short is put back, and that is reported"]],
  "device-error": [
    ["session-faults", "a failure without a reason is tried once more in a new session, and then it is a device error"],
    ["session-faults", "a return value that the standard does not know is a device error"],
    ["session-faults", "when the device fails, a new worker repeats the call"],
    ["session-faults", "a device that stays broken opens the circuit: its canary does not sign"],
  ],
  "token-full": [["token-faults", "a full token refuses new keys in it and nothing else"]],
  "key-not-written": [
    ["token-faults", "a key that the token acknowledged and did not keep is refused, and leaves nothing behind"],
    ["token-files", "a key that the module could not write whole is refused, whatever the module has answered"],
  ],
  "key-missing": [["token-faults", "a key whose file was cut short is missing, and no other is"]],
  "key-damaged": [
    ["token-faults", "of two tokens in one module, neither partition can do anything with the keys of the other"],
  ],
  "mechanism-missing": [["token-faults", "a mechanism that the token lacks is unsupported, and the others go on"]],
  "worker-crashed": [
    ["worker-faults", "a module that crashes costs its partition a worker, and the call is answered by the next"],
    ["worker-faults", "a key being made in the token when the module crashes is refused, not made twice"],
    ["worker-faults", "a module that crashes at every call of one kind opens the circuit of its partition alone"],
  ],
  "worker-hung": [
    ["worker-faults", "a module that hangs is ended at the deadline of the call, while the other partition goes on"],
    ["worker-faults", "with several workers, a hang of one does not keep the partition from answering"],
    ["worker-faults", "a module that hangs while it is opened is given up, and opened anew"],
  ],
  "worker-not-opened": [["partition-faults", "without a module there is no partition, and the reason is told"]],
  overloaded: [
    ["partition-faults", "a device that is too slow refuses what does not fit into the queue, and what waits too long"],
    ["partition-faults", "calls that wait too long for a worker are refused"],
  ],
};

const faults = Object.keys(faultTable) as FaultName[];

t.test("every fault has tests that cause it, and they look for its report", async (t) => {
  for (const fault of faults) {
    t.ok(proofs[fault].length > 0, fault);
    const files = new Set<string>();
    for (const [file, name] of proofs[fault]) {
      const text = readFileSync(`${here}/${file}.test.ts`, "utf8");
      t.ok(text.includes(`t.test("${name}"`), `${file}: ${name}`);
      files.add(text);
    }
    t.ok(
      [...files].some((text) => text.includes(`"${fault}"`)),
      `a test of ${fault} sees it reported`,
    );
  }
});

t.test("every fault has an event, and every event is raised by some part of the server", async (t) => {
  for (const fault of faults) t.ok(eventOfFault[fault] in eventTable, fault);
  const texts = sourceFiles()
    .filter(({ path }) => path.startsWith("src/") && !path.startsWith("src/audit/events/"))
    .map(({ text }) => text);
  for (const kind of Object.keys(eventTable)) {
    t.ok(
      texts.some((text) => text.includes(`"${kind}"`)),
      kind,
    );
  }
});

t.test("docs/pkcs11.md and docs/events.md are what the tables say (run `npm run docs`)", async (t) => {
  t.ok(readFileSync("docs/pkcs11.md", "utf8").includes(faultsReference()));
  t.equal(readFileSync("docs/events.md", "utf8"), eventsReference());
});

t.test("faults are counted by their names in the metrics, each by its partition", async (t) => {
  const page = readFileSync("docs/metrics.md", "utf8");
  t.match(page, /keyreeve_hsm_faults_total.*`partition`, `fault`/);
});
