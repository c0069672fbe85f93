import { Operation } from "#protocol/enums/index.js";
import { setDefaultsRequest, setDefaultsResponse } from "#protocol/payloads/set-defaults.js";
import { V2_1 } from "#protocol/versions.js";
import { settingNames, writeDefaults } from "#src/access/tenant-settings.js";
import { acceptOne } from "#src/objects/accept-attributes.js";
import { ruleFor } from "#src/objects/attribute-rules.js";
import { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { defineOperation } from "./contract/operation.js";
import { checkAttributes, checkObjectTypes, setForTenant } from "./governing/tenant-rules.js";

/** Set Defaults (KMIP 2.1 §6.1.53): in the place of those before; none takes them all back. */
export const setDefaults = defineOperation({
  code: Operation.SetDefaults,
  name: "Set Defaults",
  versions: { since: V2_1 },
  request: setDefaultsRequest,
  response: setDefaultsResponse,
  permission: "administer",
  async run(context, { defaultsInformation }) {
    for (const { objectType, objectTypes, attributes } of defaultsInformation?.objectDefaults ?? []) {
      const types = [...(objectType === undefined ? [] : [objectType]), ...(objectTypes?.objectType ?? [])];
      if (types.length === 0) throw new KmipError("InvalidField", "Object Defaults name the type of their objects");
      checkObjectTypes(context, types);
      checkAttributes(attributes);
      for (const type of types) checkDefaults(type, attributes);
    }
    const isEmpty = defaultsInformation === undefined || defaultsInformation.objectDefaults.length === 0;
    setForTenant(context, settingNames.defaults, isEmpty ? undefined : writeDefaults(defaultsInformation));
    return {};
  },
});

/** Defaults are attributes that a client could have given. Throws KmipError. */
function checkDefaults(objectType: number, list: Parameters<typeof checkAttributes>[0]): void {
  let set = new AttributeSet();
  for (const instance of list) {
    if (ruleFor(instance.name)?.appliesTo?.has(objectType) === false) continue;
    try {
      set = acceptOne(set, objectType, instance);
    } catch (error) {
      if (!(error instanceof KmipError)) throw error;
      throw new KmipError("InvalidField", error.message, { cause: error });
    }
  }
}
