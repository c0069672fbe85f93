import cluster, { type Worker } from "node:cluster";
import { setTimeout as pause } from "node:timers/promises";
import type { Configuration } from "#src/config/configuration.js";
import type { ServedPorts } from "#src/kmip-service/served-listeners.js";
import type { FromHub, ToHub } from "#src/siblings/messages.js";
import type { FromChild, ToChild } from "./child-messages.js";
import { closeUnansweredAtEnd } from "./handover.js";

/** How often a child is started anew at first after it ended, and at most so long after, in milliseconds. */
const firstPause = 250;
const longestPause = 30_000;
/** One that has served for so long counts as sound again. */
const soundMilliseconds = 60_000;
/** A process that was killed and is not gone after so long hangs in the system, and does nothing more. */
const deathMilliseconds = 1000;

/** What the owner of children is told of one. */
export interface ChildObserver {
  /** A process was started, and is reached by this. */
  started(self: number, send: (message: FromHub) => void): void;
  message(self: number, message: ToHub): void;
  serving(self: number, ports: ServedPorts): void;
  /** A process is gone: from where it stands it does nothing more. */
  gone(self: number, how: { readonly reason: string; readonly isWanted: boolean }): void;
}

/** One place among the server processes: a process, and the next one where it ends. */
export class Child {
  readonly self: number;
  private readonly observer: ChildObserver;
  private readonly configuration: () => Configuration;
  private worker: Worker | undefined;
  private servingSince: number | undefined;
  private failures = 0;
  private restarts = 0;
  private complaint = "";
  private isStopping = false;
  private readonly endings: (() => void)[] = [];

  constructor(self: number, configuration: () => Configuration, observer: ChildObserver) {
    this.self = self;
    this.configuration = configuration;
    this.observer = observer;
  }

  /** How the place is filled. */
  get status(): {
    readonly processId: number | null;
    readonly isServing: boolean;
    readonly restarts: number;
  } {
    const isServing = this.servingSince !== undefined;
    return { processId: this.worker?.process.pid ?? null, isServing, restarts: this.restarts };
  }

  /** Starts the first process of the place. Rejects with what it says where it cannot serve. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.launch(resolve, (reason) => {
        this.isStopping = true;
        reject(new Error(reason));
      });
    });
  }

  /** Starts no other process when this one ends. */
  retire(): void {
    this.isStopping = true;
  }

  /** Ends the process without asking it. */
  kill(): void {
    const { worker } = this;
    if (worker === undefined) return;
    worker.process.kill("SIGKILL");
    setTimeout(() => this.end(worker, "it was killed"), deathMilliseconds).unref();
  }

  /** Resolves when no process is there. */
  ended(): Promise<void> {
    if (this.worker === undefined) return Promise.resolve();
    return new Promise((resolve) => this.endings.push(resolve));
  }

  private launch(served: () => void, failed: (reason: string) => void): void {
    const worker = cluster.fork();
    closeUnansweredAtEnd(worker);
    this.worker = worker;
    this.complaint = "";
    const send = (message: ToChild): void => {
      // What cannot be sent any more goes to a process whose end is told soon.
      if (worker.isConnected()) worker.send(message, () => undefined);
    };
    this.observer.started(this.self, (bus) => send({ bus }));
    worker.on("message", (message: FromChild) => {
      if (this.worker !== worker) return;
      if ("bus" in message) this.observer.message(this.self, message.bus);
      else if ("loaded" in message) send({ start: { self: this.self, configuration: this.configuration() } });
      else if ("failed" in message) this.complaint = message.failed;
      else {
        this.servingSince = performance.now();
        this.observer.serving(this.self, message.serving);
        served();
      }
    });
    worker.on("error", (error) => this.end(worker, error.message));
    worker.on("exit", (code, signal) => {
      const reason = this.complaint === "" ? `it ended with ${signal ?? code}` : this.complaint;
      if (this.servingSince === undefined) failed(reason);
      this.end(worker, reason);
    });
  }

  private end(worker: Worker, reason: string): void {
    if (this.worker !== worker) return;
    const served = this.servingSince === undefined ? undefined : performance.now() - this.servingSince;
    this.worker = undefined;
    this.servingSince = undefined;
    this.observer.gone(this.self, { reason, isWanted: !this.isStopping });
    for (const ending of this.endings.splice(0)) ending();
    if (this.isStopping) return;
    this.failures = served !== undefined && served > soundMilliseconds ? 0 : this.failures + 1;
    void this.startAgain(Math.min(longestPause, firstPause * 2 ** Math.min(this.failures - 1, 16)));
  }

  private async startAgain(milliseconds: number): Promise<void> {
    await pause(milliseconds);
    if (this.isStopping) return;
    this.restarts += 1;
    this.launch(
      () => undefined,
      () => undefined,
    );
  }
}
