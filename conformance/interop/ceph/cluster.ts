import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, type InteropServer } from "../interop-server.js";
import { type RunningProgram, until } from "../programs.js";
import type { SuiteContext } from "../suite.js";

/** A Ceph cluster of one monitor, one OSD in memory and one RADOS gateway. */
export interface Cluster {
  /** The address of the S3 interface. */
  readonly endpoint: string;
  /** Runs a program of Ceph as administrator of the cluster and gives what it writes. */
  ceph(program: "ceph" | "rados" | "radosgw-admin", ...args: readonly string[]): Promise<string>;
  /** What the gateway logged so far. */
  gatewayLog(): string;
}

const daemonUser = ["--setuser", "root", "--setgroup", "root"];

interface Ports {
  readonly monitor: number;
  readonly legacyMonitor: number;
  readonly gateway: number;
}

function configurationOf(folder: string, cluster: string, ports: Ports, server: InteropServer): string {
  const { authority, certificate, key } = server.client;
  return `[global]
fsid = ${cluster}
mon host = [v2:127.0.0.1:${ports.monitor},v1:127.0.0.1:${ports.legacyMonitor}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = ${folder}/keyring
run dir = ${folder}
admin socket = ${folder}/$name.asok
log file =
log to stderr = true
err to stderr = true
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data = ${folder}/mon
mon data avail crit = 1
[osd.0]
osd data = ${folder}/osd
osd objectstore = memstore
memstore device bytes = 1G
[client.rgw]
rgw data = ${folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:${ports.gateway}
rgw crypt require ssl = false
rgw crypt s3 kms backend = kmip
rgw crypt kmip addr = 127.0.0.1:${server.port}
rgw crypt kmip ca path = ${authority}
rgw crypt kmip client cert = ${certificate}
rgw crypt kmip client key = ${key}
`;
}

/** Starts the cluster in the suite's folder. Its gateway takes the keys of SSE-KMS from `server`. */
export async function startCluster(context: SuiteContext, server: InteropServer): Promise<Cluster> {
  const { programs, folder, progress } = context;
  const ports = { monitor: await freePort(), legacyMonitor: await freePort(), gateway: await freePort() };
  const identifier = randomUUID();
  const configuration = join(folder, "ceph.conf");
  for (const name of ["mon", "osd", "rgw"]) mkdirSync(join(folder, name));
  writeFileSync(configuration, configurationOf(folder, identifier, ports, server));
  const ceph = (program: string, ...args: readonly string[]): Promise<string> =>
    programs.succeed(program, ["-c", configuration, ...args]);
  const start = (program: string, ...args: readonly string[]): RunningProgram =>
    programs.start(program, ["-c", configuration, "-f", ...args]);

  progress("starting the monitor");
  await makeKeys(context);
  const map = join(folder, "monmap");
  const addresses = `[v2:127.0.0.1:${ports.monitor},v1:127.0.0.1:${ports.legacyMonitor}]`;
  await programs.succeed("monmaptool", ["--create", "--fsid", identifier, "--addv", "a", addresses, map]);
  const keyring = join(folder, "keyring");
  await ceph("ceph-mon", "-i", "a", "--mkfs", "--monmap", map, "--keyring", keyring, ...daemonUser);
  start("ceph-mon", "-i", "a", ...daemonUser);
  await ceph("ceph", "--connect-timeout", "60", "status");

  progress("starting the OSD");
  const osd = randomUUID();
  await ceph("ceph", "osd", "new", osd, "0");
  await ceph("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd, ...daemonUser);
  start("ceph-osd", "-i", "0", ...daemonUser);
  await ceph("ceph", "osd", "crush", "add", "osd.0", "1.0", "host=localhost", "root=default");

  progress("starting the gateway");
  const gateway = start("radosgw", "-n", "client.rgw");
  const endpoint = `http://127.0.0.1:${ports.gateway}`;
  await until("the start of the gateway", 120, async () => {
    if (gateway.process.exitCode !== null) throw new Error(`radosgw ended: ${gateway.output()}`);
    return fetch(endpoint).then(
      ({ status }) => (status === 200 ? true : undefined),
      () => undefined,
    );
  });
  return { endpoint, ceph, gatewayLog: () => gateway.output() };
}

/** One keyring with everybody's keys. */
async function makeKeys({ programs, folder }: SuiteContext): Promise<void> {
  const keyring = join(folder, "keyring");
  const all = ["--cap", "mon", "allow *", "--cap", "osd", "allow *"];
  const manager = ["--cap", "mgr", "allow *"];
  const entities: readonly (readonly [string, readonly string[]])[] = [
    ["mon.", ["--cap", "mon", "allow *"]],
    ["client.admin", [...all, ...manager]],
    ["client.rgw", ["--cap", "mon", "allow rw", "--cap", "osd", "allow rwx"]],
    ["osd.0", ["--cap", "mon", "allow profile osd", "--cap", "osd", "allow *"]],
  ];
  for (const [index, [name, capabilities]] of entities.entries()) {
    const create = index === 0 ? ["--create-keyring"] : [];
    await programs.succeed("ceph-authtool", [...create, keyring, "--gen-key", "-n", name, ...capabilities]);
  }
}
