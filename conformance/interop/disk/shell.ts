import { join } from "node:path";
import { type InteropServer, projectRoot } from "../interop-server.js";
import type { Ended } from "../programs.js";
import type { SuiteContext } from "../suite.js";

/** Lines of the shell as an administrator writes them, with `keyreeve` for the command and the server set up in it. */
export interface Shell {
  /** Runs a script in the suite's folder, whatever its exit code. */
  run(script: string): Promise<Ended>;
  /** As `run`, and gives what it wrote to standard output. Rejects where a command of it fails. */
  succeed(script: string): Promise<string>;
}

// A command of a pipe that fails must fail the pipe, or a program would take an empty value for a password.
const preamble = 'set -euo pipefail; keyreeve() { "$KEYREEVE_NODE" "$KEYREEVE_PROGRAM" "$@"; }; export -f keyreeve;';

/** A shell for a client of a server. */
export function shellFor({ programs, folder }: SuiteContext, server: InteropServer): Shell {
  const environment = {
    KEYREEVE_NODE: process.execPath,
    KEYREEVE_PROGRAM: join(projectRoot, "build/src/cli/keyreeve.js"),
    KEYREEVE_SERVER: `${server.host}:${server.port}`,
    KEYREEVE_IDENTITY: server.client.folder,
  };
  const argumentsOf = (script: string): readonly string[] => ["-c", `${preamble} ${script}`];
  return {
    run: (script) => programs.run("bash", argumentsOf(script), { environment, folder }),
    succeed: (script) => programs.succeed("bash", argumentsOf(script), { environment, folder }),
  };
}
