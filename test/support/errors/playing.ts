import type { Test } from "tap";
import { OperationTable, ResultReasonTable } from "#protocol/enums/index.js";
import { enumerationName } from "#protocol/enums/table.js";
import type { Scenario, Stage } from "./scenario.js";

/** Plays scenarios one after the other; each must come to its reason. */
export async function playAll(t: Test, stage: Stage, list: readonly Scenario[]): Promise<void> {
  for (const { operation, reason, play } of list) {
    const answered = await play(stage).catch((error: unknown) => ({ reason: undefined, message: String(error) }));
    const told = answered.reason === undefined ? undefined : enumerationName(ResultReasonTable, answered.reason);
    t.equal(
      told,
      reason,
      `${enumerationName(OperationTable, operation)} comes to ${reason}: ${answered.message ?? "it succeeded"}`,
    );
  }
}
