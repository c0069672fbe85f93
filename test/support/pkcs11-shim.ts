import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModuleLocation } from "#src/crypto/pkcs11/messages.js";
import { sharedLibrary } from "./native-library.js";
import { projectRoot } from "./server.js";
import { SOFTHSM_MODULE } from "./softhsm.js";

const sources = join(projectRoot, "test/support/pkcs11-shim");
const library = join(projectRoot, "build/pkcs11-shim/pkcs11-shim.so");

/** What the shim looks for rules after, in milliseconds, with room for the grain of its clock. */
const lookMilliseconds = 10;

/** Numbers at the head of a file of counters, before the calls of each function. */
const firstCall = 8;
const numberLength = 8;

/** A function of PKCS#11, all that the device works for, or all there are. */
export type ShimTarget = `C_${string}` | "device" | "any";

/** What is to happen to a call. */
export type ShimAction =
  /** `value`: microseconds of sleep before the call. */
  | "delay"
  /** `value`: the CKR_ that is answered without a call. */
  | "return"
  /** `value`: the CKR_ that is answered after a call. */
  | "then"
  | "hang"
  | "crash"
  /** An object is made, destroyed and answered for. */
  | "lie"
  /** All sessions are closed first. */
  | "drop"
  | "logout"
  /** Nothing is found: objects, or slots. */
  | "empty"
  /** `value`: most open sessions. */
  | "limit"
  /** `value`: a CKM_ that the token does not have. */
  | "hide"
  /** The token is not in its slot. */
  | "absent";

/** A fault to cause. Calls are counted over all processes that use the shim. */
export interface ShimRule {
  readonly target: ShimTarget;
  readonly action: ShimAction;
  readonly value?: number;
  /** So many calls of the target are left alone; none where absent. */
  readonly skip?: number;
  /** Then so many are met; all where absent. */
  readonly times?: number;
}

/** What the shim counted in the processes that use it. */
export interface ShimCounters {
  readonly processId: number;
  readonly sessions: number;
  readonly mostSessions: number;
  readonly sessionObjects: number;
  readonly mostSessionObjects: number;
  /** Calls that were answered by a fault. */
  readonly faults: number;
  /** Calls by function. */
  readonly calls: ReadonlyMap<string, number>;
}

/** A PKCS#11 module between the server and the real one, which fails on command. */
export class Pkcs11Shim {
  readonly module: ModuleLocation & { readonly environment: Readonly<Record<string, string>> };
  private readonly folder: string;
  private readonly names: readonly string[];
  private number = 0;

  private constructor(path: string, realModule: string, folder: string) {
    this.folder = folder;
    this.module = { path, environment: { PKCS11_SHIM_MODULE: realModule, PKCS11_SHIM_FOLDER: folder } };
    const definitions = readFileSync(join(sources, "functions.def"), "utf8");
    this.names = [...definitions.matchAll(/^FUNCTION\((\w+),/gm)].map(([, name = ""]) => name);
  }

  /** Builds the shim where need be and puts it before a module. */
  static async start(realModule: string = SOFTHSM_MODULE): Promise<Pkcs11Shim> {
    return new Pkcs11Shim(await buildShim(), realModule, mkdtempSync(join(tmpdir(), "keyreeve-shim-")));
  }

  /** The shim of one SoftHSM partition of several: without PKCS11_SHIM_FOLDER it looks into the partition's own folder. */
  static async ofPartition(folder: string): Promise<Pkcs11Shim> {
    return new Pkcs11Shim(await buildShim(), SOFTHSM_MODULE, folder);
  }

  /** These rules hold from now on, and no others; none for a module without faults. */
  async follow(...rules: readonly ShimRule[]): Promise<void> {
    this.number += 1;
    const lines = rules.map(({ target, action, value = 0, skip = 0, times = -1 }) => {
      return [target, skip, times, action, value].join(" ");
    });
    const draft = join(this.folder, "rules.new");
    writeFileSync(draft, `${[this.number, ...lines].join("\n")}\n`);
    renameSync(draft, join(this.folder, "rules"));
    await new Promise((resolve) => setTimeout(resolve, lookMilliseconds));
  }

  /** How often each of the present rules had a call to judge, those it left alone included. */
  hits(): number[] {
    const content = readFileSync(join(this.folder, `hits.${this.number}`));
    return numbersIn(content);
  }

  /** What was counted, by process: dead ones included. */
  counters(): ShimCounters[] {
    const files = readdirSync(this.folder).filter((name) => name.startsWith("counters."));
    return files.map((name) => {
      const [sessions = 0, mostSessions = 0, sessionObjects = 0, mostSessionObjects = 0, faults = 0, ...rest] =
        numbersIn(readFileSync(join(this.folder, name)));
      const numbers = rest.slice(firstCall - 5);
      const calls = new Map(this.names.map((function_, index) => [function_, numbers[index] ?? 0]));
      const processId = Number(name.slice("counters.".length));
      return { processId, sessions, mostSessions, sessionObjects, mostSessionObjects, faults, calls };
    });
  }

  /** How often a function was called, by all processes together. */
  calls(name: string): number {
    return this.counters().reduce((sum, { calls }) => sum + (calls.get(name) ?? 0), 0);
  }

  /** Removes the files by which the shim is told what to do. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function numbersIn(content: Buffer): number[] {
  const length = Math.floor(content.length / numberLength);
  return Array.from({ length }, (_, index) => Number(content.readBigUInt64LE(index * numberLength)));
}

/** Compiles the shim where it is older than its sources; gives its path. Rejects where there is no C compiler. */
export function buildShim(): Promise<string> {
  return sharedLibrary(sources, library);
}
