import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import t from "tap";
import { clientFolder, freePort, keyreeveProgram, runKeyreeve, temporaryHome } from "#test/support/server.js";

/** A data directory that is gone when all is tested. */
function emptyHome(): string {
  const home = temporaryHome();
  process.once("exit", () => rmSync(home, { recursive: true, force: true }));
  return home;
}

interface Served {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

const home = emptyHome();
// Several servers are started one after the other, on machines that may be busy.
t.setTimeout(550_000);
const patient = { timeout: 120_000 };

/** Starts `keyreeve serve`; settles when it says that it is ready, or when it has ended. */
async function serve(environment: Readonly<Record<string, string>> = {}): Promise<Served> {
  const child = spawn(process.execPath, [keyreeveProgram, "serve", "--home", home], {
    env: {
      ...process.env,
      KEYREEVE_KMIP_PORT: "0",
      KEYREEVE_HTTPS_PORT: "0",
      KEYREEVE_ADMIN_PORT: "0",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string);
  const ready = new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString("utf8");
      if (stdout.includes("keyreeve is ready\n")) resolve();
    });
  });
  await Promise.race([ready, ended]);
  return { child, stdout: () => stdout, stderr: () => stderr, ended };
}

const configuredPort = () => /^port=(\d+)$/m.exec(readFileSync(join(clientFolder(home), "pykmip.conf"), "utf8"))?.[1];

t.test("the first run tells its steps and how to connect, and is ready in exactly one line", patient, async (t) => {
  const { child, stdout, stderr, ended } = await serve();
  t.equal(stdout(), "keyreeve is ready\n");
  t.match(stderr(), /^keyreeve: making the root partition$/m);
  t.match(stderr(), /^keyreeve: issuing the client "demo-client"$/m);
  t.match(stderr(), join(clientFolder(home), "pykmip.conf"));
  t.not(configuredPort(), "0", "the port in use stands in the client's configuration");
  t.match(await runKeyreeve(home, ["status", "--json"]), {
    code: 0,
    stdout: new RegExp(`"kmipPort": ${configuredPort()}`),
  });
  child.kill("SIGTERM");
  t.equal(await ended, 0);
  t.equal(stdout(), "keyreeve is ready\n");
  t.notOk(existsSync(join(home, "admin-address.json")));
});

t.test("a later run changes nothing, but for the port in the clients' configurations", patient, async (t) => {
  const certificate = readFileSync(join(clientFolder(home), "client.crt"), "utf8");
  const port = await freePort();
  const { child, stderr, ended } = await serve({ KEYREEVE_KMIP_PORT: String(port) });
  t.notMatch(stderr(), /^keyreeve: /m);
  t.equal(configuredPort(), String(port));
  t.equal(readFileSync(join(clientFolder(home), "client.crt"), "utf8"), certificate);
  child.kill("SIGINT");
  t.equal(await ended, 0);
});

t.test("a client's configuration that somebody has changed is left alone", patient, async (t) => {
  const file = join(clientFolder(home), "pykmip.conf");
  const written = readFileSync(file, "utf8");
  const own = written.replace(/^host=.*$/m, "host=keys.example.com");
  writeFileSync(file, own);
  const { child, ended } = await serve();
  t.equal(readFileSync(file, "utf8"), own);
  child.kill("SIGTERM");
  await ended;
  writeFileSync(file, written);
});

t.test("SIGHUP reads the certificates again, and bad ones leave those before in use", patient, async (t) => {
  const { child, stderr, ended } = await serve();
  const told = (words: RegExp) =>
    new Promise<void>((resolve) => {
      const look = () => words.test(stderr()) && resolve();
      child.stderr?.on("data", look);
      look();
    });
  child.kill("SIGHUP");
  await told(/certificates read again/);
  const file = join(home, "tls", "server-ec.crt");
  const certificate = readFileSync(file);
  writeFileSync(file, "no certificate");
  child.kill("SIGHUP");
  await told(/certificates could not be read again/);
  writeFileSync(file, certificate);
  t.match(await runKeyreeve(home, ["status"]), { code: 0, stdout: /running and ready/ });
  child.kill("SIGTERM");
  t.equal(await ended, 0);
});

t.test(
  "a server that was killed leaves nothing that keeps the next from starting, or commands from working",
  async (t) => {
    const first = await serve();
    first.child.kill("SIGKILL");
    t.equal(await first.ended, "SIGKILL");
    t.match(await runKeyreeve(home, ["tenant", "list"]), { code: 0, stdout: /demo/ });
    const { child, stdout, ended } = await serve();
    t.equal(stdout(), "keyreeve is ready\n");
    child.kill("SIGTERM");
    t.equal(await ended, 0);
  },
);

t.test("a second server on the data directory is refused", patient, async (t) => {
  const { child, ended } = await serve();
  const second = await serve();
  t.equal(await second.ended, 1);
  t.match(second.stderr(), `process ${child.pid} is using this data directory`);
  child.kill("SIGTERM");
  t.equal(await ended, 0);
});

t.test("a port that is taken is told with what to do", patient, async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  t.teardown(() => taken.close());
  await once(taken, "listening");
  const address = taken.address();
  const port = String(typeof address === "object" ? address?.port : "");
  for (const name of ["KEYREEVE_KMIP_PORT", "KEYREEVE_HTTPS_PORT", "KEYREEVE_ADMIN_PORT"]) {
    const { ended, stderr, stdout } = await serve({ KEYREEVE_KMIP_HOST: "127.0.0.1", [name]: port });
    t.equal(await ended, 1, name);
    t.match(stderr(), /EADDRINUSE.*\n {2}another program listens on that port; stop it, or set KEYREEVE_KMIP_PORT/);
    t.equal(stdout(), "");
  }
});

t.test("asked to stop twice, it stops at once", patient, async (t) => {
  const { child, ended, stderr } = await serve();
  child.kill("SIGTERM");
  child.kill("SIGINT");
  const outcome = await ended;
  // Where the first signal was all done before the second came, the end is a good one.
  if (outcome !== 0) t.match(stderr(), /stopping at once/);
  t.match(outcome, /^[01]$/);
});
