import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { type Finding, failed, fine } from "./finding.js";
import { unshaken } from "./handshake.js";
import type { Target } from "./target.js";

/** Whether the name of the host leads to addresses. */
export async function resolveName({ host }: Target): Promise<Finding> {
  try {
    const addresses = (await lookup(host, { all: true })).map(({ address }) => address);
    return fine("name", `${host} is ${addresses.join(", ")}`);
  } catch (error) {
    const { code } = unshaken(error);
    return failed(
      "name",
      `the name ${host} is not known on this machine (${code})`,
      "Correct the name, add it to the DNS or to /etc/hosts, or give the server's address.",
    );
  }
}

const refusals: Readonly<Record<string, readonly [found: string, advice: string]>> = {
  ECONNREFUSED: [
    "the machine is there, but nothing listens on the port",
    "See whether the server runs and on which port (for Keyreeve: keyreeve status; KMIP is 5696 by default).",
  ],
  EHOSTUNREACH: ["no way leads to the address", "See to the routes and the cables between the two machines."],
  ENETUNREACH: ["no way leads to the network of the address", "See to the routes of this machine."],
  TIMEOUT: [
    "nothing answers at all",
    "Most often a firewall throws the packets away: open the port in every firewall between the two machines.",
  ],
};

/** Whether a TCP connection comes about. */
export function reachPort({ host, port, milliseconds }: Target): Promise<Finding> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (finding: Finding): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(finding);
    };
    const refuse = (code: string, words: string): void => {
      const [found, advice] = refusals[code] ?? [words, "See whether both machines can reach each other."];
      end(failed("connection", `${host} port ${port}: ${found} (${code})`, advice));
    };
    const timer = setTimeout(() => refuse("TIMEOUT", "no answer"), milliseconds);
    socket.once("connect", () => end(fine("connection", `port ${port} accepts connections`)));
    socket.on("error", (error) => {
      const { code, words } = unshaken(error);
      refuse(code, words);
    });
  });
}
