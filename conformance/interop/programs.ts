import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** How a program ended, and what it wrote. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program is started with, beside its arguments. */
export interface ProgramSetting {
  /** Added to that of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The folder it runs in. */
  readonly folder?: string;
  /** What it reads from standard input. */
  readonly input?: string | Buffer;
  /** It is ended when it takes longer. */
  readonly seconds?: number;
}

/** A program that runs until the suite ends. */
export interface RunningProgram {
  readonly process: ChildProcess;
  /** What it wrote so far, both streams in one. */
  output(): string;
  /** Ends it by SIGTERM, then SIGKILL, and waits for it. */
  stop(): Promise<void>;
}

const usualSeconds = 120;
const stopMilliseconds = 10_000;

/** Starts programs, and ends those that are left. */
export class Programs {
  readonly #running = new Set<RunningProgram>();

  /** Runs a program to its end, whatever its exit code. Rejects where it cannot be started. */
  async run(command: string, args: readonly string[], setting: ProgramSetting = {}): Promise<Ended> {
    const child = spawn(command, [...args], {
      ...placeOf(setting),
      stdio: "pipe",
      timeout: (setting.seconds ?? usualSeconds) * 1000,
    });
    const stdout = collect(child, "stdout");
    const stderr = collect(child, "stderr");
    // A program that does not read what it is given ends by itself; its exit code tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(setting.input ?? "");
    const [code] = await once(child, "close");
    return { code: typeof code === "number" ? code : null, stdout: stdout(), stderr: stderr() };
  }

  /** As `run`, and gives what it wrote to standard output. Rejects where its exit code is not 0. */
  async succeed(command: string, args: readonly string[], setting: ProgramSetting = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, args, setting);
    if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** Starts a program that goes on running. */
  start(command: string, args: readonly string[], setting: ProgramSetting = {}): RunningProgram {
    const child = spawn(command, [...args], { ...placeOf(setting), stdio: ["ignore", "pipe", "pipe"] });
    let written = "";
    const keep = (chunk: Buffer): void => {
      written += chunk.toString("utf8");
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => keep(Buffer.from(error.message)));
    const program: RunningProgram = {
      process: child,
      output: () => written,
      stop: async () => {
        this.#running.delete(program);
        await end(child);
      },
    };
    this.#running.add(program);
    return program;
  }

  /** Ends all that still run, the last one started first. */
  async stopAll(): Promise<void> {
    for (const program of [...this.#running].reverse()) await program.stop();
  }
}

function placeOf({ environment, folder }: ProgramSetting) {
  return { env: { ...process.env, ...environment }, ...(folder === undefined ? {} : { cwd: folder }) };
}

function collect(child: ChildProcess, stream: "stdout" | "stderr"): () => string {
  const chunks: Buffer[] = [];
  child[stream]?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString("utf8");
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const impatience = setTimeout(() => child.kill("SIGKILL"), stopMilliseconds);
  await exited;
  clearTimeout(impatience);
}

/** Asks again until `answer` gives something else than undefined. Rejects after so many seconds. */
export async function until<T>(what: string, seconds: number, answer: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await answer();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} seconds`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
