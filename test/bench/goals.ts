import type { Pkcs11Rates } from "./pkcs11-process.js";

/** A figure that is asked for, with the most connections of a run. */
export interface Goal {
  /** As workloads.ts names it. */
  readonly operation: string;
  /** What the rate is compared with; null for a rate by itself. */
  readonly measure: "limit" | "PKCS#11" | "echo" | null;
  /** The part of the measure that is asked for, or the rate a second. */
  readonly asked: number;
}

/** The figures that are asked for. */
export const goals: readonly Goal[] = [
  { operation: "Encrypt 1 KiB GCM", measure: "limit", asked: 0.5 },
  { operation: "Sign P-256", measure: "PKCS#11", asked: 0.75 },
  { operation: "Create AES-256", measure: null, asked: 2500 },
  { operation: "Get", measure: "echo", asked: 0.3 },
];

/** What was measured beside the operations, in calls a second. */
export interface Bare {
  readonly echo: number;
  readonly pkcs11: Pkcs11Rates;
}

/** What is reached of a goal. */
export interface Assessment {
  readonly goal: Goal;
  /** In requests a second. */
  readonly rate: number;
  /** The rate that would reach the goal. */
  readonly askedRate: number;
  readonly isReached: boolean;
}

/**
 * What a server could do at best that spends nothing but one bare TLS echo and one bare PKCS#11 call on a request, one
 * after the other.
 */
export function combinedLimit(echo: number, call: number): number {
  return 1 / (1 / echo + 1 / call);
}

/** Holds a rate against a goal. */
export function assess(goal: Goal, rate: number, { echo, pkcs11 }: Bare): Assessment {
  const measures = { limit: combinedLimit(echo, pkcs11.encrypt), "PKCS#11": pkcs11.sign, echo };
  const askedRate = goal.measure === null ? goal.asked : goal.asked * measures[goal.measure];
  return { goal, rate, askedRate, isReached: rate >= askedRate };
}

/** An assessment in one line. */
export function assessmentLine({ goal, rate, askedRate, isReached }: Assessment): string {
  const whole = (value: number): string => Math.round(value).toLocaleString("en");
  const percent = (value: number): string => `${(value * 100).toFixed(0)} %`;
  const names = { limit: "the limit of echo and call", "PKCS#11": "the bare call", echo: "the echo" };
  const asked = goal.measure === null ? "" : ` (${percent(goal.asked)} of ${names[goal.measure]})`;
  const verdict = isReached ? "reached" : `not reached: ${percent(rate / askedRate)} of it`;
  return `${goal.operation.padEnd(18)}${whole(rate).padStart(8)}/s, asked ${whole(askedRate)}/s${asked}: ${verdict}`;
}
