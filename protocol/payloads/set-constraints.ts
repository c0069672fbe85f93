import type { ValueOf } from "../schema/codec.js";
import { required, structure } from "../schema/structure.js";
import { constraints } from "../structures/defaults.js";
import { Tag } from "../tags.js";

/** Request of Set Constraints (KMIP 2.1 §6.1.52). */
export const setConstraintsRequest = structure("SetConstraintsRequest", {
  constraints: required(Tag.Constraints, constraints),
});
export type SetConstraintsRequest = ValueOf<typeof setConstraintsRequest>;

/** Response of Set Constraints. */
export const setConstraintsResponse = structure("SetConstraintsResponse", {});
export type SetConstraintsResponse = ValueOf<typeof setConstraintsResponse>;
