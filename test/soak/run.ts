import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { SeededRandom } from "#test/fuzz/random.js";
import { grouped } from "#test/harness/verdict.js";
import { Pkcs11Shim } from "#test/support/pkcs11-shim.js";
import { connectTo, startTestServer, type TestServer, temporaryHome } from "#test/support/server.js";
import { MixedLoad } from "./client.js";
import { fillCaches } from "./fill-caches.js";
import { HeldMemoryOf } from "./held-memory.js";
import type { HeldMemory } from "./held-protocol.js";
import { type LoopDelay, loopDelayOf } from "./loop-delay.js";
import { Pace } from "./pace.js";
import { type Sample, sampleOf, sessionObjectsOf } from "./sample.js";

/** How often it is looked whether the next sample is due. */
const lookMilliseconds = 250;

/** Samples of a run, and of each of its minutes. */
const fewestSamples = 40;
const samplesPerMinute = 4;

/** How often the server is asked what it holds, for which it collects its garbage: where that is judged, and where not. */
const answersToJudge = 80;
const answersElse = 2;

/** So long nothing has been asked of it then, in milliseconds: what was under way has ended. */
const idlingMilliseconds = 400;

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
  /** Fills the caches of the server first, which is not part of the run, and then asks it often what it holds. */
  readonly judgesMemory: boolean;
  /** MiB an hour that the server is made to leak. */
  readonly leak: number;
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
    private readonly heldMemory: HeldMemoryOf,
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

  private get samplesWanted(): number {
    return Math.max(fewestSamples, this.order.minutes * samplesPerMinute);
  }

  private get samplesPerAnswer(): number {
    const answers = this.order.judgesMemory ? answersToJudge : answersElse;
    return Math.max(1, Math.floor(this.samplesWanted / answers));
  }

  private look(): void {
    const { order, samples, seconds, planned, samplesWanted: wanted } = this;
    if (!this.isPaced && seconds > planned * measuringPart) {
      this.isPaced = true;
      this.pace.become((order.load * this.answered) / seconds);
    }
    const isDue =
      seconds >= (samples.length * planned) / wanted || this.answered >= (samples.length * order.requests) / wanted;
    if (!isDue || this.sampling !== undefined) return;
    this.sampling = this.sample()
      .catch((error) => this.fail(error))
      .finally(() => {
        this.sampling = undefined;
      });
  }

  /** What the server holds while nothing is asked of it: what requests under way take swings by more than is allowed. */
  private async heldWhenIdle(): Promise<HeldMemory> {
    await pause(idlingMilliseconds);
    return this.heldMemory.ask(this.server.process);
  }

  private async sample(): Promise<void> {
    const { seconds, answered: requests, samples, shim, server } = this;
    const loopDelay = await this.loopDelay.read();
    const taken = sampleOf(server.process.pid ?? 0, shim, { seconds, requests, loopDelay, held: null });
    const isToAsk = samples.length % this.samplesPerAnswer === 0;
    const held = isToAsk ? await this.pace.hold(() => this.heldWhenIdle()) : null;
    // While it collected for us, it was late by our doing.
    if (isToAsk) await this.loopDelay.read();
    samples.push({ ...taken, held });
    const { sessions, sessionObjects, files, serverBytes } = taken;
    const kept =
      held === null ? "" : ` (${inMebibytes(held.bytes, 1)} held, ${inMebibytes(held.heapBytes, 1)} of JavaScript)`;
    process.stderr.write(
      `${grouped(requests)} requests in ${seconds.toFixed(0)} s: ${inMebibytes(serverBytes)} MiB${kept}, ` +
        `${files} files, ${sessions} sessions, ${sessionObjects} session objects, ${loopDelay.toFixed(0)} ms behind\n`,
    );
  }
}

function inMebibytes(bytes: number, digits = 0): string {
  return (bytes / 1024 / 1024).toFixed(digits);
}

/** Starts a server, has clients work at it as ordered, and stops it. */
export async function soak(order: Order): Promise<Outcome> {
  const shim = await Pkcs11Shim.start();
  const home = temporaryHome();
  const hsm = [`  workerOperations: ${workerOperations}`, "  environment: [PKCS11_SHIM_MODULE, PKCS11_SHIM_FOLDER]"];
  writeFileSync(join(home, "keyreeve.yaml"), ["hsm:", ...hsm, "log:", "  level: warn", ""].join("\n"));
  const heldMemory = await HeldMemoryOf.in(home, order.leak);
  const environment = { KEYREEVE_HSM_MODULE: shim.module.path, ...shim.module.environment, ...heldMemory.environment };
  try {
    const server = await startTestServer({ home, environment, asCommand: true });
    const loopDelay = loopDelayOf(server);
    try {
      if (order.judgesMemory) await fillCaches(server, order);
      return await new Run(order, server, shim, loopDelay, heldMemory).work();
    } finally {
      loopDelay.close();
      await server.stop();
    }
  } finally {
    shim.remove();
    rmSync(home, { recursive: true, force: true });
  }
}
