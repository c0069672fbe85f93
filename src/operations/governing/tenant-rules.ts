import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { isKnownIn, ObjectTypeTable } from "#protocol/enums/index.js";
import type { settingNames } from "#src/access/tenant-settings.js";
import { ruleFor } from "#src/objects/attribute-rules.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { change } from "#storage/changes.js";
import type { OperationContext } from "../contract/context.js";

/** Characters of one setting in the database at most. */
const longestSetting = 65_536;

/** Throws KmipError `InvalidObjectType` for types that objects of the version do not have. */
export function checkObjectTypes({ version }: OperationContext, types: readonly number[]): void {
  if (types.every((type) => isKnownIn(ObjectTypeTable, type, version))) return;
  throw new KmipError("InvalidObjectType", "objects of this version have no such type");
}

/** Throws KmipError `InvalidField` for attributes nobody knows, and for those without a value. */
export function checkAttributes(list: readonly AttributeInstance[]): void {
  for (const { name, value } of list) {
    if (ruleFor(name) === undefined) throw new KmipError("InvalidField", `"${name}" is no attribute this server knows`);
    if (value === undefined) throw new KmipError("InvalidField", `"${name}" has no value`);
  }
}

/**
 * Sets what holds for the caller's tenant from the next request on, or takes it back where there is no value.
 * Throws KmipError `ServerLimitExceeded` for a value that is too long.
 */
export function setForTenant(
  { changes, tenantId, deployment }: OperationContext,
  name: (typeof settingNames)["defaults" | "constraints"],
  value: string | undefined,
): void {
  if (value !== undefined && value.length > longestSetting) {
    throw new KmipError("ServerLimitExceeded", "the setting is longer than this server keeps");
  }
  const setting =
    value === undefined
      ? change("tenantSettings", "remove", tenantId, name)
      : change("tenantSettings", "set", { tenantId, name, value });
  changes.add(setting);
  changes.afterCommit(() => deployment.registrationsChanged());
}
