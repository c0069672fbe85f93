/** A client that asks for the same thing again and again, and notes how long each answer takes and what it says. */
import { setTimeout as pause } from "node:timers/promises";
import { ResultStatus } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { ConnectionLost, KmipClient } from "#test/support/kmip-client.js";
import { ask, type Asked as Request } from "#test/support/kmip-client-messages.js";
import type { LoadTenant } from "../load/tenants.js";

/** One request. */
export interface Asked {
  /** Of the monotonic clock. */
  readonly startedAt: number;
  readonly milliseconds: number;
  /** `lost`: no answer came. */
  readonly outcome: "served" | "refused" | "lost";
  readonly message: string;
}

/** Between two requests, in milliseconds. */
const pauseMs = 40;
const answerWithin = 20_000;

/** Asks from when it is started until it rests; `close` ends its connection, too. */
export class Probe {
  private readonly tenant: LoadTenant;
  private readonly port: () => number;
  private readonly request: Request;
  private client: KmipClient | undefined;
  private asked: Asked[] = [];
  private isActive = false;
  private working: Promise<void> = Promise.resolve();

  constructor(tenant: LoadTenant, port: () => number, request: Request) {
    this.tenant = tenant;
    this.port = port;
    this.request = request;
  }

  /** Asks from now on. */
  start(): void {
    if (this.isActive) return;
    this.isActive = true;
    this.working = this.work();
  }

  /** Asks no more; resolves when nothing is under way. */
  async rest(): Promise<void> {
    this.isActive = false;
    await this.working;
  }

  /** What was asked since this was called last, and has ended. */
  take(): readonly Asked[] {
    const { asked } = this;
    this.asked = [];
    return asked;
  }

  /** The first request begun after a moment that was served; undefined where none is within so many milliseconds. */
  async servedAfter(moment: number, within: number): Promise<Asked | undefined> {
    while (performance.now() - moment < within) {
      const found = this.asked.find(({ outcome, startedAt }) => outcome === "served" && startedAt >= moment);
      if (found !== undefined) return found;
      await pause(10);
    }
    return undefined;
  }

  /** When the first refusal came; waits for it, so many milliseconds at most, and is undefined where none comes. */
  async refusedAt(within: number): Promise<number | undefined> {
    const end = performance.now() + within;
    for (;;) {
      const first = this.asked.find(({ outcome }) => outcome === "refused");
      if (first !== undefined) return first.startedAt + first.milliseconds;
      if (performance.now() > end) return undefined;
      await pause(10);
    }
  }

  async close(): Promise<void> {
    await this.rest();
    await this.client?.close();
  }

  private async work(): Promise<void> {
    while (this.isActive) {
      await this.askOnce();
      await pause(pauseMs);
    }
  }

  private async askOnce(): Promise<void> {
    const startedAt = performance.now();
    const note = (outcome: Asked["outcome"], message: string): void => {
      this.asked.push({ startedAt, milliseconds: performance.now() - startedAt, outcome, message });
    };
    try {
      const { identity } = this.tenant;
      this.client ??= await KmipClient.connect({ port: this.port(), identity, answerWithin });
      const { status, message } = await ask(this.client, V2_1, this.request);
      if (status === ResultStatus.Success) note("served", "");
      else note("refused", message ?? "");
    } catch (error) {
      note("lost", error instanceof Error ? error.message : String(error));
      if (error instanceof ConnectionLost) await this.client?.close();
      this.client = undefined;
    }
  }
}
