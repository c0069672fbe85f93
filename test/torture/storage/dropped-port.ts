/** Packets to and from a port of this machine are dropped, as by a network that is gone. Needs root. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);
const program = "/usr/sbin/nft";

/** Why no packets can be dropped here; null where they can. */
export function noDroppedPort(): string | null {
  if (process.getuid?.() !== 0) return "dropping packets needs root";
  return existsSync(program) ? null : `${program} is missing (Debian: apt-get install nftables)`;
}

/** Drops the packets of ports over the loopback interface from now on; gives how to end that. */
export async function dropPackets(ports: readonly number[]): Promise<() => Promise<void>> {
  const table = `keyreeve_torture_${process.pid}`;
  const set = `{ ${ports.join(", ")} }`;
  const rules = `table inet ${table} {
    chain incoming {
      type filter hook input priority 0;
      iif lo tcp dport ${set} drop
      iif lo tcp sport ${set} drop
    }
  }`;
  await run(program, [rules]);
  return async () => void (await run(program, ["delete", "table", "inet", table]));
}
