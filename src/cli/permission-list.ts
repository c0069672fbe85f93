import { InvalidArgumentError } from "commander";
import { type Permission, permissions } from "#src/access/permissions.js";

/** Reads the value of an option that is a list of permissions, separated by commas. */
export function permissionList(text: string): readonly Permission[] {
  const names = text.split(",").map((name) => name.trim());
  const known = permissions.filter((permission) => names.includes(permission));
  if (names.every((name) => (permissions as readonly string[]).includes(name))) return known;
  throw new InvalidArgumentError(`Permissions are ${permissions.join(", ")}.`);
}
