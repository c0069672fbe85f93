import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes a project of two sources in a folder with a space in its name, with a compiler that only keeps a log. */
function makeProject(t: Test): string {
  const project = join(t.testdir(), "a project");
  mkdirSync(join(project, "src"), { recursive: true });
  mkdirSync(join(project, "node_modules/.bin"), { recursive: true });
  cpSync("scripts", join(project, "scripts"), { recursive: true });
  for (const file of ["package.json", "package-lock.json", "tsconfig.json"]) writeFileSync(join(project, file), "{}");
  for (const file of ["one", "two"]) writeFileSync(join(project, `src/${file}.ts`), "");
  command(join(project, "node_modules/.bin/tsc"), "mkdir -p build/src && echo compiled >> build/log");
  return project;
}

function command(path: string, body: string): void {
  writeFileSync(path, `#!/bin/bash\n${body}\n`);
  chmodSync(path, 0o755);
}

/** Runs lines of bash after the bootstrap; `commands` stand before those of the system. */
function run(project: string, lines: string, commands: Readonly<Record<string, string>> = {}): Outcome {
  const folder = join(project, "commands");
  mkdirSync(folder, { recursive: true });
  for (const [name, body] of Object.entries(commands)) command(join(folder, name), body);
  const { status, stdout, stderr } = spawnSync(
    "bash",
    ["-c", `. "$1/scripts/bootstrap.sh"\n${lines}`, "bash", project],
    {
      cwd: "/",
      env: { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` },
      encoding: "utf8",
    },
  );
  return { status, stdout, stderr };
}

const builds = (project: string) => readFileSync(join(project, "build/log"), "utf8").trim().split("\n").length;
const later = () => new Date(Date.now() + 60_000);

const ordinaryUser = { id: "echo 1000", sudo: "exit 1" };
const logged = (project: string) => `echo "$*" >> "${project}/apt-log"`;

test("missing packages are installed by apt-get where root is at hand", async (t) => {
  const project = makeProject(t);
  const { status } = run(project, "require_packages purpose softhsm2 opensc", {
    id: "echo 0",
    "apt-get": logged(project),
  });
  t.equal(status, 0);
  t.match(readFileSync(join(project, "apt-log"), "utf8"), /^install -y .*softhsm2 opensc\n$/);
});

test("package lists are fetched when the first attempt fails", async (t) => {
  const project = makeProject(t);
  const { status } = run(project, "require_packages purpose softhsm2", {
    id: "echo 0",
    "apt-get": `${logged(project)}; [ "$1" = update ] || [ "$(wc -l < "${project}/apt-log")" -gt 1 ]`,
  });
  t.equal(status, 0);
  t.match(readFileSync(join(project, "apt-log"), "utf8"), /^install .*\nupdate .*\ninstall .*\n$/);
});

test("without the right to install, the start says what to install and fails", async (t) => {
  const project = makeProject(t);
  const { status, stdout, stderr } = run(project, "require_packages 'the HSM' softhsm2; echo went on", {
    ...ordinaryUser,
    "apt-get": logged(project),
  });
  t.equal(status, 1);
  t.equal(stdout, "");
  t.match(stderr, /the HSM.*\n.*\n\s+sudo apt-get install softhsm2/);
  t.notOk(existsSync(join(project, "apt-log")));
});

test("where there is no C compiler, the start of the tests says so", async (t) => {
  const project = makeProject(t);
  const withoutCompiler = 'command() { [ "$2" != cc ] && builtin command "$@"; }';
  const { status, stderr } = run(project, `${withoutCompiler}\nneed_c_compiler`, ordinaryUser);
  t.equal(status, 1);
  t.match(stderr, /a C compiler \(cc\).*\n.*\n\s+sudo apt-get install build-essential/);
  t.equal(run(project, "need_c_compiler").status, 0);
});

test("nothing is compiled when nothing has changed", async (t) => {
  const project = makeProject(t);
  const { status, stdout, stderr } = run(project, "need_build; need_build; need_build");
  t.equal(status, 0, stderr);
  t.equal(stdout, "");
  t.equal(builds(project), 1);
});

test("a changed, an added and a removed source are compiled", async (t) => {
  const project = makeProject(t);
  run(project, "need_build");
  utimesSync(join(project, "src/one.ts"), later(), later());
  run(project, "need_build");
  t.equal(builds(project), 2);
  utimesSync(join(project, "src/one.ts"), new Date(0), new Date(0));
  writeFileSync(join(project, "src/three.ts"), "");
  utimesSync(join(project, "src/three.ts"), new Date(0), new Date(0));
  run(project, "need_build");
  t.equal(builds(project), 3);
  rmSync(join(project, "src/three.ts"));
  run(project, "need_build; need_build");
  t.equal(builds(project), 4);
});

test("what was compiled from a removed source is removed", async (t) => {
  const project = makeProject(t);
  run(project, "need_build");
  for (const name of ["one.js", "gone.js", "gone.js.map"]) writeFileSync(join(project, "build/src", name), "");
  rmSync(join(project, "src/two.ts"));
  run(project, "need_build");
  t.ok(existsSync(join(project, "build/src/one.js")));
  t.notOk(existsSync(join(project, "build/src/gone.js")));
  t.notOk(existsSync(join(project, "build/src/gone.js.map")));
});

test("a build that fails is tried again next time", async (t) => {
  const project = makeProject(t);
  command(join(project, "node_modules/.bin/tsc"), "exit 2");
  t.equal(run(project, "need_build").status, 1);
  t.equal(run(project, "need_build").status, 1);
});

test("packages are installed once for each lock file", async (t) => {
  const project = makeProject(t);
  const commands = { npm: `echo ci >> "${project}/npm-log"; mkdir -p node_modules`, mktemp: `echo "${project}/stage"` };
  mkdirSync(join(project, "stage"));
  writeFileSync(join(project, "node_modules/.keyreeve-installed"), "another");
  t.equal(run(project, "need_node_modules; need_node_modules", commands).stderr.match(/installing/g)?.length, 1);
  t.equal(readFileSync(join(project, "npm-log"), "utf8"), "ci\n");
});

test("a lock file that changed without its packages installs nothing", async (t) => {
  const project = makeProject(t);
  const npm = `echo ci >> "${project}/npm-log"`;
  const installed = { "": {}, "node_modules/one": { version: "1.0.0" } };
  writeFileSync(join(project, "node_modules/.package-lock.json"), JSON.stringify({ packages: installed }));
  writeFileSync(join(project, "package-lock.json"), JSON.stringify({ packages: installed }));
  writeFileSync(join(project, "node_modules/.keyreeve-installed"), `another  - ${process.versions.modules}`);
  t.equal(run(project, "need_node_modules; need_node_modules", { npm }).status, 0);
  t.notOk(existsSync(join(project, "npm-log")));
  t.match(readFileSync(join(project, "node_modules/.keyreeve-installed"), "utf8"), /^[0-9a-f]{64} {2}- \d+$/);
});

test("headers of Node.js on this machine are used when they fit its version, and only then", async (t) => {
  const project = makeProject(t);
  const include = join(project, "prefix/include/node");
  mkdirSync(include, { recursive: true });
  writeFileSync(join(include, "node.h"), "");
  const use = (version: string) => {
    const embedder = "#if defined(X)\n#define NODE_MODULE_VERSION NODE_EMBEDDER_MODULE_VERSION\n#else\n";
    writeFileSync(join(include, "node_version.h"), `${embedder}#define NODE_MODULE_VERSION ${version}\n#endif\n`);
    const lines =
      'unset npm_config_nodedir; use_local_node_headers "$project/prefix"; printenv npm_config_nodedir || echo none';
    return run(project, lines).stdout;
  };
  t.equal(use(process.versions.modules), `${join(project, "prefix")}\n`);
  t.equal(use("1"), "none\n");
});

test("the command says what to do while there is no build", async (t) => {
  const project = makeProject(t);
  const { status, stderr } = run(project, 'node "$project/scripts/keyreeve.mjs" version');
  t.equal(status, 1);
  t.match(stderr, /run npm start/);
});
