import type { Configuration } from "#src/config/configuration.js";
import type { ServedPorts } from "#src/kmip-service/served-listeners.js";
import type { FromHub, ToHub } from "#src/siblings/messages.js";
import { topic } from "#src/siblings/siblings.js";
import type { ProcessMetrics } from "#src/telemetry/process-metrics.js";

/** From the first process to a child. */
export type ToChild =
  | { readonly start: { readonly self: number; readonly configuration: Configuration } }
  | { readonly bus: FromHub };

/** From a child to the first process. */
export type FromChild =
  /** It has loaded its program. */
  | { readonly loaded: true }
  | { readonly serving: ServedPorts }
  /** It could not begin to serve, and ends. */
  | { readonly failed: string }
  | { readonly bus: ToHub };

/** How a child is doing. */
export interface ChildReport {
  readonly connections: number;
  /** Why it cannot serve well; empty where it can. */
  readonly complaints: readonly string[];
}

/** What the first process asks of a child. */
export const childTopics = {
  report: topic<null, ChildReport>("report"),
  metrics: topic<null, ProcessMetrics["metrics"]>("metrics"),
  reload: topic<null>("reload"),
  stop: topic<null>("stop"),
} as const;
