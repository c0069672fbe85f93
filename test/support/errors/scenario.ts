import type { ReasonName } from "#src/objects/kmip-error.js";
import type { Actions } from "../kmip-actions.js";
import type { KmipClient } from "../kmip-client.js";
import type { Answered } from "../kmip-client-messages.js";
import type { TestServer } from "../server.js";

/** What a scenario plays on: a running server, and the demo client connected to it. */
export interface Stage {
  readonly server: TestServer;
  readonly client: KmipClient;
  /** What the client does, in the words of 2.1. */
  readonly actions: Actions;
}

/** One way to a failure of one operation. */
export interface Scenario {
  /** Value of the Operation enumeration. */
  readonly operation: number;
  /** What the last answer must say. */
  readonly reason: ReasonName;
  /** Prepares what it needs and gives the answer of the operation. */
  play(stage: Stage): Promise<Answered>;
}

/** The scenarios of one operation, each under the reason it comes to. */
export function scenariosOf(
  operation: number,
  ways: Readonly<Partial<Record<ReasonName, Scenario["play"]>>>,
): readonly Scenario[] {
  return Object.entries(ways).map(([reason, play]) => ({ operation, reason: reason as ReasonName, play }));
}
