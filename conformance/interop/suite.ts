import type { Checks } from "./checks.js";
import type { InteropServer, ServerWishes } from "./interop-server.js";
import type { Programs } from "./programs.js";

/** A Debian package, and a file (or pattern of the shell) that shows that it is installed. */
export interface DebianPackage {
  readonly name: string;
  readonly file: string;
}

/** Packages of npm, installed into a folder of their own outside the project. */
export interface NodePackages {
  /** Names and exact versions. */
  readonly versions: Readonly<Record<string, string>>;
  /** Set while npm installs and compiles. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a suite runs with. */
export interface SuiteContext {
  readonly checks: Checks;
  /** Runs programs to their end and keeps others running until the suite ends. */
  readonly programs: Programs;
  /** A folder for files of the suite; it is removed afterwards. */
  readonly folder: string;
  /** The folder in which `node_modules` with the suite's Node packages stands; the project's own where it has none. */
  readonly nodeFolder: string;
  /** The suite's program in Rust, compiled; empty where it has none. */
  readonly rustProgram: string;
  /** Starts a Keyreeve of the suite's own, which is stopped and removed with the suite. */
  startServer(wishes?: ServerWishes): Promise<InteropServer>;
  /** Says what is being done. */
  progress(text: string): void;
}

/** A real client that is put before a real server, and what is looked at. */
export interface InteropSuite {
  /** As it is called on the command line. */
  readonly name: string;
  /** What it proves, in one sentence. */
  readonly proves: string;
  /** `short` ones run with the other tests too, `slow` ones by their command and at night. */
  readonly speed: "short" | "slow";
  readonly debianPackages: readonly DebianPackage[];
  readonly nodePackages?: NodePackages;
  /** The folder of a crate, seen from the project's, whose program `client` is compiled outside the project. */
  readonly rustProgram?: string;
  /** Makes its checks. Rejects where it cannot go on, which counts as a failed check. */
  run(context: SuiteContext): Promise<void>;
}
