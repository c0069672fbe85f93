import type { ValueOf } from "../schema/codec.js";
import { required, structure } from "../schema/structure.js";
import { constraints } from "../structures/defaults.js";
import { Tag } from "../tags.js";

/** Request of Get Constraints (KMIP 2.1 §6.1.22). */
export const getConstraintsRequest = structure("GetConstraintsRequest", {});
export type GetConstraintsRequest = ValueOf<typeof getConstraintsRequest>;

/** Response of Get Constraints. */
export const getConstraintsResponse = structure("GetConstraintsResponse", {
  constraints: required(Tag.Constraints, constraints),
});
export type GetConstraintsResponse = ValueOf<typeof getConstraintsResponse>;
