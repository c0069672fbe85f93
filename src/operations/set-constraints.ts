import { Operation } from "#protocol/enums/index.js";
import { setConstraintsRequest, setConstraintsResponse } from "#protocol/payloads/set-constraints.js";
import { V2_1 } from "#protocol/versions.js";
import { settingNames, writeConstraints } from "#src/access/tenant-settings.js";
import { defineOperation } from "./contract/operation.js";
import { checkAttributes, checkObjectTypes, setForTenant } from "./governing/tenant-rules.js";

/** Set Constraints (KMIP 2.1 §6.1.52): in the place of those before; none takes them back. */
export const setConstraints = defineOperation({
  code: Operation.SetConstraints,
  name: "Set Constraints",
  versions: { since: V2_1 },
  request: setConstraintsRequest,
  response: setConstraintsResponse,
  permission: "administer",
  async run(context, { constraints }) {
    for (const { objectTypes, attributes } of constraints.constraint) {
      checkObjectTypes(context, objectTypes?.objectType ?? []);
      checkAttributes(attributes);
    }
    const isEmpty = constraints.constraint.length === 0;
    setForTenant(context, settingNames.constraints, isEmpty ? undefined : writeConstraints(constraints));
    return {};
  },
});
