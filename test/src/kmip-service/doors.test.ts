import { type Test, test } from "tap";
import { loadConfiguration } from "#src/config/load.js";
import { furtherDoors, insecureDoors } from "#src/kmip-service/doors.js";

function configurationOf(t: Test, listeners: string) {
  const yaml = `kmip:\n  host: 127.0.0.1\n  tls: { profile: modern }\n  listeners:\n${listeners}`;
  return loadConfiguration({ home: t.testdir({ "keyreeve.yaml": yaml }), environment: {} });
}

const doorsOf = (t: Test, listeners: string) => furtherDoors(configurationOf(t, listeners));

test("a listener is as the first one where it says nothing else", async (t) => {
  const [door] = doorsOf(t, "    - { name: more, port: 1234 }\n");
  t.match(door, {
    host: "127.0.0.1",
    port: 1234,
    clientCertificate: "required",
    tls: { profile: "modern" },
    entrance: {},
  });
  t.same(insecureDoors(door === undefined ? [] : [door]), []);
});

test("a listener has what its client profile needs, unless it says otherwise", async (t) => {
  const doors = doorsOf(
    t,
    "    - { name: a, port: 0, profile: fortigate }\n" +
      "    - { name: b, port: 0, profile: fortigate, clientCertificate: required }\n" +
      "    - { name: c, port: 0, profile: legacy-tls }\n" +
      "    - { name: d, port: 0, profile: legacy-tls, tls: { profile: compatible } }\n",
  );
  t.same(
    doors.map(({ clientCertificate }) => clientCertificate),
    ["optional", "required", "required", "required"],
  );
  t.same(
    doors.map(({ tls }) => tls.profile),
    ["modern", "modern", "legacy", "compatible"],
  );
  t.equal(insecureDoors(doors).length, 2, "what is weaker is announced");
});

test("a client profile that there is not is refused by name", async (t) => {
  t.throws(
    () => doorsOf(t, "    - { name: a, port: 0, profile: toaster }\n"),
    /"a": there is no client profile "toaster"/,
  );
});

for (const [listeners, problem] of [
  ["    - { name: a, port: 0 }\n    - { name: a, port: 0 }\n", /two listeners have the same name/],
  ["    - { name: kmip, port: 0 }\n", /is the name of a listener that is there/],
  ["    - { name: a }\n", /kmip\.listeners\.0\.port/],
] as const) {
  test(`the configuration says ${problem.source}`, async (t) => {
    t.throws(() => configurationOf(t, listeners), problem);
  });
}
