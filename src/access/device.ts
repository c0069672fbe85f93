import { createHash } from "node:crypto";
import type { Credential } from "#protocol/messages/header.js";

/** The fields by which a device is known (KMIP 2.1 §9.11). */
export const deviceFields = [
  "deviceSerialNumber",
  "deviceIdentifier",
  "networkIdentifier",
  "machineIdentifier",
  "mediaIdentifier",
] as const;

/** A device as a credential names it. */
export type DeviceName = Readonly<Partial<Record<(typeof deviceFields)[number], string>>>;

/** The fields of a Device credential that are given. */
export function deviceOf(value: Credential["credentialValue"]): DeviceName {
  return Object.fromEntries(
    deviceFields.flatMap((field) => (value[field] === undefined ? [] : [[field, value[field]]])),
  );
}

/** Under which name the credential of a device is kept: the same for the same fields, and no Username. */
export function deviceUsername(device: DeviceName): string {
  const text = JSON.stringify(deviceFields.map((field) => device[field] ?? null));
  return `device:${createHash("sha256").update(text).digest("hex")}`;
}
