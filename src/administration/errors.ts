import { serverChain } from "#storage/types.js";

/** Why something an operator asked for cannot be done. */
export const administrationErrorCodes = [
  /** There is no such tenant, client or certificate. */
  "not-found",
  /** The name is taken. */
  "exists",
  /** What was asked for makes no sense; the message says why. */
  "invalid",
  /** It does not fit the present state, such as revoking what is revoked. */
  "wrong-state",
] as const;

/** A row of the error codes. */
export type AdministrationErrorCode = (typeof administrationErrorCodes)[number];

/** An operator's request cannot be done; the message is for the operator and says what to do. */
export class AdministrationError extends Error {
  readonly code: AdministrationErrorCode;

  constructor(code: AdministrationErrorCode, message: string) {
    super(message);
    this.name = "AdministrationError";
    this.code = code;
  }
}

/** What names of tenants and clients look like: they become folder names and stand in certificates. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Throws AdministrationError `invalid` for a name that cannot be one. */
export function checkName(kind: "tenant" | "client" | "operator" | "destination" | "authority", name: string): void {
  if (kind === "tenant" && name === serverChain) {
    throw new AdministrationError("invalid", `"${serverChain}" stands for the server itself; choose another name`);
  }
  if (namePattern.test(name)) return;
  throw new AdministrationError(
    "invalid",
    `${kind === "authority" || kind === "operator" ? "an" : "a"} ${kind} name has 1 to 63 letters, digits, dots, hyphens and underscores and starts with a letter or digit`,
  );
}
