import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { SeededRandom } from "#test/fuzz/random.js";
import { grouped } from "#test/harness/verdict.js";
import { Pkcs11Shim } from "#test/support/pkcs11-shim.js";
import { residentBytes } from "#test/support/process-figures.js";
import { connectTo, startTestServer, type TestServer, temporaryHome } from "#test/support/server.js";
import { MixedLoad } from "./client.js";
import { collectSignal } from "./collect-signal.js";
import { type LoopDelay, loopDelayOf } from "./loop-delay.js";
import { Pace } from "./pace.js";
import { type Sample, sampleOf, sessionObjectsOf } from "./sample.js";

/** How often it is looked whether the next sample is due. */
const lookMilliseconds = 250;

/** Samples of a run, and of each of its minutes. */
const fewestSamples = 40;
const samplesPerMinute = 4;

/** Each so many samples garbage is collected, and so long after that it is looked what is left, in milliseconds. */
const samplesPerCollection = 4;
const collectingMilliseconds = 1000;

/** Operations after which a worker is replaced, so that replacing is part of the run. */
const workerOperations = 200_000;

/** Steps of a client after which it connects anew. */
const stepsPerConnection = 500;

/** The part of a run in which it is measured what the server can do. */
const measuringPart = 1 / 20;

/** What is asked of a run. */
export interface Order {
  /** Ends after so many; may be infinite. */
  readonly requests: number;
  readonly minutes: number;
  readonly connections: number;
  /** The part of what the server can do that is asked of it; all of it from 1 on. */
  readonly load: number;
  readonly seed: number;
}

/** What a run came to. */
export interface Outcome {
  readonly samples: readonly Sample[];
  readonly requests: number;
  readonly failures: readonly string[];
  /** HSM workers that there were, one after the other. */
  readonly workers: number;
  /** Objects of sessions that the workers have open when all keys are destroyed. */
  readonly leftObjects: number;
}

/** One run against one server. */
class Run {
  private readonly began = performance.now();
  private readonly samples: Sample[] = [];
  private readonly failures: string[] = [];
  private readonly pace = new Pace(Number.POSITIVE_INFINITY);
  private answered = 0;
  private isPaced: boolean;
  private isOver = false;
  private sampling: Promise<void> | undefined;

  constructor(
    private readonly order: Order,
    private readonly server: TestServer,
    private readonly shim: Pkcs11Shim,
    private readonly loopDelay: LoopDelay,
  ) {
    this.isPaced = order.load >= 1;
  }

  /** Works until the order is fulfilled or something fails. */
  async work(): Promise<Outcome> {
    const watching = setInterval(() => this.look(), lookMilliseconds);
    try {
      const numbers = Array.from({ length: this.order.connections }, (_, number) => number);
      const driving = Promise.all(numbers.map((number) => this.drive(number).catch((error) => this.fail(error))));
      const ended = once(this.server.process, "exit").then(() => new Error("the server ended"));
      const end = await Promise.race([driving.then(() => undefined), ended]);
      if (end !== undefined) this.fail(end);
    } finally {
      clearInterval(watching);
      await this.sampling;
    }
    const { samples, answered: requests, failures, shim } = this;
    const leftObjects = sessionObjectsOf(this.server.process.pid ?? 0, shim);
    return { samples, requests, failures, workers: shim.counters().length, leftObjects };
  }

  private get seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  private get planned(): number {
    return this.order.minutes * 60;
  }

  private fail(error: unknown): void {
    this.isOver = true;
    this.failures.push(error instanceof Error ? error.message : String(error));
  }

  private async drive(number: number): Promise<void> {
    const random = new SeededRandom(this.order.seed + number);
    const turn = async (): Promise<void> => {
      await this.pace.turn();
      this.answered += 1;
    };
    for (let connection = 0; !this.isOver; connection += 1) {
      const client = await connectTo(this.server);
      const mix = new MixedLoad(client, `soak-${number}-${connection}`, random, turn);
      for (let step = 0; !this.isOver && step < stepsPerConnection; step += 1) {
        await mix.step();
        if (this.answered >= this.order.requests || this.seconds > this.planned) this.isOver = true;
      }
      await mix.end();
      await client.close();
    }
  }

  private look(): void {
    const { order, samples, seconds, planned } = this;
    if (!this.isPaced && seconds > planned * measuringPart) {
      this.isPaced = true;
      this.pace.become((order.load * this.answered) / seconds);
    }
    const wanted = Math.max(fewestSamples, order.minutes * samplesPerMinute);
    const isDue =
      seconds >= (samples.length * planned) / wanted || this.answered >= (samples.length * order.requests) / wanted;
    if (!isDue || this.sampling !== undefined) return;
    this.sampling = this.sample()
      .catch((error) => this.fail(error))
      .finally(() => {
        this.sampling = undefined;
      });
  }

  /** What the server's process takes once its garbage is collected. */
  private async heldBytes(): Promise<number> {
    this.server.process.kill(collectSignal);
    await pause(collectingMilliseconds);
    return residentBytes(this.server.process.pid ?? 0);
  }

  private async sample(): Promise<void> {
    const loopDelay = await this.loopDelay.read();
    const { seconds, answered: requests, samples, shim } = this;
    const pid = this.server.process.pid ?? 0;
    const taken = sampleOf(pid, shim, { seconds, requests, loopDelay, heldBytes: null });
    const isToCollect = samples.length % samplesPerCollection === 0;
    const heldBytes = isToCollect ? await this.heldBytes() : null;
    samples.push({ ...taken, heldBytes });
    const { sessions, sessionObjects, files, serverBytes } = taken;
    const held = heldBytes === null ? "" : ` (${inMebibytes(heldBytes)} held)`;
    process.stderr.write(
      `${grouped(requests)} requests in ${seconds.toFixed(0)} s: ${inMebibytes(serverBytes)} MiB${held}, ` +
        `${files} files, ${sessions} sessions, ${sessionObjects} session objects, ${loopDelay.toFixed(0)} ms behind\n`,
    );
  }
}

function inMebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}

/** Starts a server, has clients work at it as ordered, and stops it. */
export async function soak(order: Order): Promise<Outcome> {
  const shim = await Pkcs11Shim.start();
  const home = temporaryHome();
  const hsm = [`  workerOperations: ${workerOperations}`, "  environment: [PKCS11_SHIM_MODULE, PKCS11_SHIM_FOLDER]"];
  writeFileSync(join(home, "keyreeve.yaml"), ["hsm:", ...hsm, "log:", "  level: warn", ""].join("\n"));
  const collecting = { NODE_OPTIONS: `--import=${new URL("./collect-on-signal.js", import.meta.url).href}` };
  const environment = { KEYREEVE_HSM_MODULE: shim.module.path, ...shim.module.environment, ...collecting };
  try {
    const server = await startTestServer({ home, environment, asCommand: true });
    const loopDelay = loopDelayOf(server);
    try {
      return await new Run(order, server, shim, loopDelay).work();
    } finally {
      loopDelay.close();
      await server.stop();
    }
  } finally {
    shim.remove();
    rmSync(home, { recursive: true, force: true });
  }
}
