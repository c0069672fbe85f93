import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import type { Configuration } from "#src/config/configuration.js";
import type { Environment } from "#src/config/environment.js";
import { ConfigurationError, type ConfigurationProblem } from "#src/config/errors.js";
import { loadConfiguration } from "#src/config/load.js";

function load(t: Test, yaml: string | null, environment: Environment = {}): Configuration {
  return loadConfiguration({ home: t.testdir(yaml === null ? {} : { "keyreeve.yaml": yaml }), environment });
}

function problemsOf(t: Test, yaml: string | null, environment: Environment = {}): readonly ConfigurationProblem[] {
  try {
    load(t, yaml, environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

test("everything has a default", async (t) => {
  const configuration = load(t, null);
  t.equal(configuration.file, null);
  t.equal(configuration.kmip.port, 5696);
  t.equal(configuration.admin.port, 5697);
  t.equal(configuration.admin.host, "127.0.0.1");
  t.equal(configuration.kmip.clientCertificate, "required");
  t.equal(configuration.kmip.limits.maximumBatchItems, 100);
  t.equal(configuration.server.nodeId, "node-1");
  t.ok(configuration.server.names.includes("localhost"));
  t.same(configuration.hsm.rootPin, { source: "file", file: join(configuration.home, "root.pin") });
});

test("an empty file is the same as none", async (t) => {
  t.same(load(t, "").kmip, load(t, null).kmip);
});

test("an alias to nothing, and aliases that stand for too much, are refused like anything else that is wrong", async (t) => {
  t.match(problemsOf(t, "admin: *nowhere\n"), [{ path: /keyreeve\.yaml$/, message: /alias.*nowhere/ }]);
  const tens = Array.from({ length: 9 }, (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(10)}]\n`);
  t.match(problemsOf(t, `a0: &a0 [x]\n${tens.join("")}`), [{ message: /alias/ }]);
});

test("the file overrides defaults and the environment overrides the file", async (t) => {
  const yaml = "kmip:\n  port: 7001\nadmin:\n  port: 7002\n";
  const configuration = load(t, yaml, { KEYREEVE_KMIP_PORT: "7003", KEYREEVE_SERVER_NAMES: "a.example, 10.0.0.5" });
  t.equal(configuration.kmip.port, 7003);
  t.equal(configuration.admin.port, 7002);
  t.same(configuration.server.names, ["a.example", "10.0.0.5"]);
});

test("an empty environment variable counts as absent", async (t) => {
  t.equal(load(t, null, { KEYREEVE_KMIP_PORT: "", KEYREEVE_DATABASE_URL: "" }).kmip.port, 5696);
});

test("KEYREEVE_HOME names the data directory and relative paths start there", async (t) => {
  const home = t.testdir({ "keyreeve.yaml": "database:\n  filename: data/keys.db\n" });
  const configuration = loadConfiguration({ environment: { KEYREEVE_HOME: home } });
  t.equal(configuration.home, home);
  t.match(configuration.database, { filename: join(home, "data/keys.db") });
});

test("a file that is named must exist", async (t) => {
  t.throws(() => loadConfiguration({ home: t.testdir(), file: "missing.yaml", environment: {} }), {
    name: "ConfigurationError",
    message: /missing\.yaml: cannot be read/,
  });
});

test("a configuration file that is a folder is an error, not a default", async (t) => {
  const home = t.testdir();
  mkdirSync(join(home, "keyreeve.yaml"));
  t.throws(() => loadConfiguration({ home, environment: {} }), { name: "ConfigurationError" });
});

test("every problem is reported at once, each with its path", async (t) => {
  const yaml = "kmip:\n  prot: 1\n  port: high\n  limits:\n    maximumDepth: 1000\nlogg: {}\n";
  const paths = problemsOf(t, yaml, { KEYREEVE_LOG_LEVEL: "loud" }).map(({ path }) => path);
  t.same(paths.sort(), ["kmip.limits.maximumDepth", "kmip.port", "kmip.prot", "log.level", "logg"]);
});

test("problems say what is allowed and what was found", async (t) => {
  const [problem] = problemsOf(t, "kmip:\n  port: high\n");
  t.equal(problem?.message, 'must be a number, but is "high"');
  const [client] = problemsOf(t, "database:\n  client: mysql\n");
  t.equal(client?.message, 'must be one of better-sqlite3, sqlite3, pg, but is "mysql"');
});

test("a problem never repeats a password", async (t) => {
  const problems = problemsOf(t, "database:\n  client: pg\n  password: [hunter2]\n  passwordFile: 7\n");
  t.equal(problems.length, 2);
  t.notMatch(JSON.stringify(problems), /hunter2/);
});

test("faults of the YAML text are reported with their line", async (t) => {
  const [duplicate] = problemsOf(t, "kmip:\n  port: 1\n  port: 2\n");
  t.match(duplicate?.path, /keyreeve\.yaml:3$/);
  t.equal(problemsOf(t, "kmip: [1\n").length > 0, true);
  t.match(problemsOf(t, "- 1\n")[0]?.message, /must hold sections/);
});

test("a variable that is no number is refused by its name", async (t) => {
  const [problem] = problemsOf(t, null, { KEYREEVE_KMIP_PORT: "tcp://10.0.0.1:5696" });
  t.match(problem?.message, /^KEYREEVE_KMIP_PORT must be a whole number/);
});

test("KEYREEVE_DATABASE_URL selects PostgreSQL", async (t) => {
  const { database, server } = load(t, null, { KEYREEVE_DATABASE_URL: "postgres://us%40er:p%3Aw@[::1]:5433/keys" });
  t.match(database, {
    client: "pg",
    host: "::1",
    port: 5433,
    user: "us@er",
    password: "p:w",
    database: "keys",
    readers: 2,
  });
  t.not(server.nodeId, "node-1");
});

test("KEYREEVE_DATABASE_URL names several hosts as libpq does", async (t) => {
  const url = "postgres://k:p%40w@db1:5433,[::1]:5434,db3,%2Frun%2Fpg:5435/keys?target_session_attrs=read-write";
  const { database } = load(t, "database:\n  client: pg\n  port: 6000\n", { KEYREEVE_DATABASE_URL: url });
  t.match(database, {
    host: "db1",
    port: 5433,
    alternatives: [
      { host: "::1", port: 5434 },
      { host: "db3", port: 6000 },
      { host: "/run/pg", port: 5435 },
    ],
    user: "k",
    password: "p@w",
    database: "keys",
  });
});

test("the file names several hosts in the same way", async (t) => {
  const { database } = load(t, "database:\n  client: pg\n  host: db1, db2:5433,fe80::1\n");
  t.match(database, {
    host: "db1",
    port: 5432,
    alternatives: [
      { host: "db2", port: 5433 },
      { host: "fe80::1", port: 5432 },
    ],
  });
});

test("hosts that are none are refused", async (t) => {
  for (const host of ["db1,,db2", "db1:0", "db1:70000", "db1:http", ",", "[::1", Array(17).fill("db").join()]) {
    const [problem] = problemsOf(t, `database:\n  client: pg\n  host: ${JSON.stringify(host)}\n`);
    t.match(problem, { path: "database.host", message: /names a host, or several/ }, host);
  }
});

const strangeUrls = [
  { url: "postgres://k:hunter2@db/keys?sslmode=require", complaint: /"sslmode", which is none here/ },
  { url: "postgres://k:hunter2@db/keys?target_session_attrs=any", complaint: /other than read-write or primary/ },
  { url: "postgres://k:hunter2@db:one,db/keys", complaint: /must read postgres:/ },
  { url: "postgres://k:hunter2%@db/keys", complaint: /must read postgres:/ },
];

for (const { url, complaint } of strangeUrls) {
  test(`KEYREEVE_DATABASE_URL with what cannot be heeded is refused: ${complaint}`, async (t) => {
    const problems = problemsOf(t, null, { KEYREEVE_DATABASE_URL: url });
    t.match(problems, [{ path: "database", message: complaint }]);
    t.notMatch(JSON.stringify(problems), /hunter2/);
  });
}

test("KEYREEVE_DATABASE_URL refuses other databases without repeating the password", async (t) => {
  const problems = problemsOf(t, null, { KEYREEVE_DATABASE_URL: "mysql://user:hunter2@host/db" });
  t.equal(problems.length, 1);
  t.notMatch(JSON.stringify(problems), /hunter2/);
});

test("the database's password is the first line of its file", async (t) => {
  const home = t.testdir({ "keyreeve.yaml": "database:\n  client: pg\n  passwordFile: secret\n", secret: "hunter2\n" });
  const { database } = loadConfiguration({ home, environment: {} });
  t.match(database, { client: "pg", password: "hunter2" });
  t.notOk("passwordFile" in database);
});

test("a password and a file for it together are refused", async (t) => {
  t.match(problemsOf(t, "database:\n  client: pg\n  password: a\n  passwordFile: b\n")[0]?.message, /not both/);
});

test("a missing password file is reported", async (t) => {
  const [problem] = problemsOf(t, "database:\n  client: pg\n  passwordFile: nowhere\n");
  t.equal(problem?.path, "database.passwordFile");
});

test("the root PIN comes from one source only", async (t) => {
  t.same(load(t, "hsm:\n  rootPin:\n    environment: ROOT_PIN\n").hsm.rootPin, {
    source: "environment",
    variable: "ROOT_PIN",
  });
  t.match(problemsOf(t, "hsm:\n  rootPin:\n    environment: A\n    file: b\n")[0]?.message, /not both/);
  const overridden = load(t, "hsm:\n  rootPin:\n    environment: A\n", { KEYREEVE_ROOT_PIN_FILE: "/run/pin" });
  t.same(overridden.hsm.rootPin, { source: "file", file: "/run/pin" });
});

test("the configuration cannot be changed after it was read", async (t) => {
  const configuration = load(t, null);
  t.throws(() => Object.assign(configuration.kmip.limits, { maximumDepth: 1 }), TypeError);
});

test("named configuration files are read from the working directory", async (t) => {
  const file = join(t.testdir(), "other.yaml");
  writeFileSync(file, "log:\n  level: debug\n");
  const configuration = loadConfiguration({ home: "/nowhere", environment: { KEYREEVE_CONFIG: file } });
  t.equal(configuration.log.level, "debug");
  t.equal(configuration.file, file);
});
