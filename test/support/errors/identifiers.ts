import { attributes } from "#protocol/attributes/definitions.js";
import { Operation, UsageLimitsUnit } from "#protocol/enums/index.js";
import { instance } from "../kmip-actions.js";
import { asked } from "./making.js";
import { type Scenario, scenariosOf } from "./scenario.js";

const uniqueIdentifier = { kind: "identifier", identifier: "" } as const;
const newAttribute = instance(attributes.comment, "one");

/** What each operation asks beside the object it names. */
const besideIdentifier: readonly (readonly [number, object])[] = [
  [Operation.Activate, {}],
  [Operation.AddAttribute, { newAttribute }],
  [Operation.AdjustAttribute, { attributeName: "Protection Period", adjustmentType: 1 }],
  [Operation.Archive, {}],
  [Operation.Check, {}],
  [Operation.DeleteAttribute, { currentAttribute: newAttribute }],
  [Operation.Destroy, {}],
  [Operation.Export, {}],
  [Operation.Get, {}],
  [Operation.GetAttributes, { attributeNames: [] }],
  [Operation.GetAttributeList, {}],
  [Operation.GetUsageAllocation, { usageLimitsCount: 1n, usageLimitsUnit: UsageLimitsUnit.Byte }],
  [Operation.ModifyAttribute, { newAttribute }],
  [Operation.ObtainLease, {}],
  [Operation.Recover, {}],
  [Operation.Revoke, { revocationReason: { revocationReasonCode: 1 } }],
  [Operation.SetAttribute, { newAttribute }],
];

/** An object that is named by nothing. */
export const identifierScenarios: readonly Scenario[] = besideIdentifier.flatMap(([operation, more]) =>
  scenariosOf(operation, { InvalidField: (stage) => asked(stage, operation, { uniqueIdentifier, ...more }) }),
);
