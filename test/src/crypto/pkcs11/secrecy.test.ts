import { readFileSync } from "node:fs";
import { Writable } from "node:stream";
import { pino } from "pino";
import t from "tap";
import { fastWorker } from "#test/support/hsm-faults.js";
import { startSoftHsm } from "#test/support/softhsm.js";
import { importSecret, newObjectId, refusal } from "./contract/keys.js";

t.test("neither PIN nor key is in a log, an error, the arguments or the environment of a worker", async (t) => {
  let log = "";
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log += String(chunk);
      done();
    },
  });
  const hsm = await startSoftHsm({ logger: pino({ level: "trace" }, sink) });
  t.teardown(() => hsm.close());
  const pin = (await hsm.options.pin()).toString();
  const digits = `${"c0ffee".repeat(10)}c0de`;
  const key = await importSecret(hsm.partition, "aes", digits);
  const broken = { ...key, objectId: newObjectId(), material: Buffer.alloc(40, 1) };
  const errors: string[] = [];
  for (const failing of [
    hsm.partition.exportKey(broken),
    hsm.partition.mac(key, { name: "hmac", hash: "md5" }, key.material),
  ]) {
    await failing.catch((error: Error) => errors.push(`${error.stack} ${JSON.stringify(error)}`));
  }
  await t.rejects(hsm.partition.exportKey(broken), refusal("damaged"));
  const processId = fastWorker(hsm.engine)?.processId;
  const environment = readFileSync(`/proc/${processId}/environ`, "utf8");
  const commandLine = readFileSync(`/proc/${processId}/cmdline`, "utf8");
  process.kill(processId ?? 0, "SIGKILL");
  await hsm.partition.random(8);
  const places = { log, errors: errors.join(), environment, commandLine };
  t.match(log, /HSM worker gone/);
  for (const [name, text] of Object.entries(places)) {
    for (const secret of [pin, digits, Buffer.from(digits, "hex").toString("base64")]) {
      t.notOk(text.includes(secret), name);
    }
  }
  const variables = environment
    .split("\0")
    .filter(Boolean)
    .map((entry) => entry.split("=", 1)[0] ?? "");
  t.same(variables, ["SOFTHSM2_CONF"]);
});
