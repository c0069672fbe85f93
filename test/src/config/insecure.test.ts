import { type Test, test } from "tap";
import type { Environment } from "#src/config/environment.js";
import { insecureSettings } from "#src/config/insecure.js";
import { loadConfiguration } from "#src/config/load.js";

function warningsOf(t: Test, yaml: string, environment: Environment = {}): string[] {
  return insecureSettings(loadConfiguration({ home: t.testdir({ "keyreeve.yaml": yaml }), environment }));
}

test("the defaults give no warning", async (t) => {
  t.same(warningsOf(t, ""), []);
});

const cases = [
  { yaml: "kmip:\n  clientCertificate: optional\n", warning: /clientCertificate/ },
  { yaml: "admin:\n  host: 0.0.0.0\n", warning: /admin\.host/ },
  { yaml: "database:\n  client: pg\n  host: db.example\n", warning: /without TLS/ },
  { yaml: "database:\n  client: pg\n  host: 127.0.0.1,db.example\n", warning: /without TLS/ },
  { yaml: "database:\n  client: pg\n  user: postgres\n  password: x\n", warning: /superuser/ },
];

for (const { yaml, warning } of cases) {
  test(`a warning matching ${warning} announces itself`, async (t) => {
    const warnings = warningsOf(t, yaml);
    t.equal(warnings.length, 1);
    t.match(warnings[0], warning);
  });
}

test("a database on this machine needs no TLS", async (t) => {
  t.same(warningsOf(t, "database:\n  client: pg\n"), []);
  t.same(warningsOf(t, "", { KEYREEVE_DATABASE_URL: "postgres://k@127.0.0.1/k" }), []);
});
