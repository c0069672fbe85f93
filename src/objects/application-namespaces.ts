import { randomUUID } from "node:crypto";
import type { ApplicationSpecificInformation } from "#protocol/structures/attribute-values.js";
import { KmipError } from "./kmip-error.js";

/**
 * Application namespaces the server knows: clients look for them before they use one, and in these the server makes the
 * Application Data that a client leaves out. With data of the client's own, every namespace is taken.
 */
export const applicationNamespaces: readonly string[] = ["LIBRARY-LTO", "LIBRARY-LTO4", "ssl", "LDAP", "iSCSI", "NFS"];

/**
 * The value with Application Data, made by the server where the client left it out (KMIP 2.1 §4.4).
 * Throws KmipError `ApplicationNamespaceNotSupported`.
 */
export function withApplicationData(value: ApplicationSpecificInformation): ApplicationSpecificInformation {
  if (value.applicationData !== undefined) return value;
  if (!applicationNamespaces.includes(value.applicationNamespace)) {
    throw new KmipError("ApplicationNamespaceNotSupported", "the server makes no Application Data for this namespace");
  }
  return { ...value, applicationData: randomUUID() };
}
