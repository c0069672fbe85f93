import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "./interop-server.js";
import type { DebianPackage, InteropSuite } from "./suite.js";

/** What a suite needs cannot be had here. */
export class NotInstalled extends Error {
  override readonly name = "NotInstalled";
}

/** Where what suites need was installed. */
export interface Installed {
  readonly nodeFolder: string;
  readonly rustProgram: string;
}

/** Where packages of other registries are kept from run to run. */
function cacheFolder(): string {
  const own = process.env["KEYREEVE_INTEROP_CACHE"];
  return own ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "keyreeve/interop");
}

/** The Debian packages of a suite that are not there. */
export function missingPackages({ debianPackages }: Pick<InteropSuite, "debianPackages">): readonly string[] {
  return debianPackages.filter(({ file }) => !isThere(file)).map(({ name }) => name);
}

// Folders of Debian carry the architecture or a version in their names, which the shell's patterns pass over.
function isThere(file: DebianPackage["file"]): boolean {
  if (!/[*?[]/.test(file)) return existsSync(file);
  return spawnSync("bash", ["-c", 'compgen -G "$1" >/dev/null', "bash", file]).status === 0;
}

/** Installs what a suite needs and has not yet. Throws NotInstalled, saying what is missing and why. */
export function install(suite: InteropSuite, progress: (text: string) => void): Installed {
  installDebianPackages(suite, progress);
  return { nodeFolder: installNodePackages(suite, progress), rustProgram: buildRustProgram(suite, progress) };
}

function installDebianPackages(suite: InteropSuite, progress: (text: string) => void): void {
  const missing = missingPackages(suite);
  if (missing.length === 0) return;
  progress(`installing ${missing.join(", ")}`);
  const script = '. "$1/scripts/bootstrap.sh"; shift; install_packages "$@"';
  const { status, stderr } = spawnSync("bash", ["-c", script, "bash", projectRoot, ...missing], { encoding: "utf8" });
  const still = missingPackages(suite);
  if (status === 0 && still.length === 0) return;
  const why = status === 77 ? "only root may install, and there is apt-get on Debian only" : stderr.slice(-2000);
  throw new NotInstalled(`${still.join(", ")} could not be installed (apt-get install ${missing.join(" ")}): ${why}`);
}

function installNodePackages({ nodePackages }: InteropSuite, progress: (text: string) => void): string {
  if (nodePackages === undefined) return projectRoot;
  const { versions, environment = {} } = nodePackages;
  const wanted = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
  return inCache([process.versions.modules, ...wanted], "npm", (folder) => {
    progress(`installing ${wanted.join(", ")} with npm`);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
    const script = '. "$1/scripts/bootstrap.sh"; use_local_node_headers; shift; npm install --no-audit --no-fund "$@"';
    const { status, stderr, stdout } = spawnSync("bash", ["-c", script, "bash", projectRoot, ...wanted], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, ...environment },
    });
    if (status !== 0) throw new NotInstalled(`npm install ${wanted.join(" ")} failed: ${stderr}${stdout}`);
  });
}

// Cargo knows by itself what has changed since the last time.
function buildRustProgram({ rustProgram }: InteropSuite, progress: (text: string) => void): string {
  if (rustProgram === undefined) return "";
  const target = join(cacheFolder(), "cargo");
  progress("compiling the program in Rust");
  const args = ["build", "--locked", "--manifest-path", join(projectRoot, rustProgram, "Cargo.toml")];
  const { status, stderr, error } = spawnSync("cargo", [...args, "--target-dir", target], { encoding: "utf8" });
  if (status !== 0) throw new NotInstalled(`cargo build failed: ${error?.message ?? stderr.slice(-2000)}`);
  return join(target, "debug/client");
}

/** The folder of the cache for what `facts` tell; `make` fills it, and one that was left half-made is made anew. */
function inCache(facts: readonly string[], kind: string, make: (folder: string) => void): string {
  const name = createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 16);
  const folder = join(cacheFolder(), `${kind}-${name}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  try {
    make(unfinished);
    // Another run may have been faster; then its folder serves as well.
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}
