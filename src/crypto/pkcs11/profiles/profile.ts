import { QUIRK_KINDS, type Quirks } from "./quirks.js";

/** What a profile says it is, so that no other file is taken for one. */
export const PROFILE_FORMAT = "keyreeve-hsm-profile";

/** The version of the form of profiles; it counts up when an old profile could be misread. */
export const PROFILE_VERSION = 1;

/** What is known of a PKCS#11 module, as `keyreeve hsm probe` writes it and `hsm.profile` names it (docs/hsm.md). */
export interface Profile {
  readonly format: typeof PROFILE_FORMAT;
  readonly version: typeof PROFILE_VERSION;
  readonly name: string;
  /** The module whose C_GetInfo names this manufacturer. */
  readonly manufacturer: string;
  /** Library versions that C_GetInfo tells, such as `2.6`; empty for all. */
  readonly libraryVersions: readonly string[];
  readonly quirks: Quirks;
}

/** A file that is no profile. The message names the field. */
export class ProfileError extends Error {
  override readonly name = "ProfileError";
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown, where: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new ProfileError(`${where} is to be an object`);
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string" && value !== "") return value;
  throw new ProfileError(`${name} is to be text`);
}

function isOfKind(value: unknown, kind: (typeof QUIRK_KINDS)[keyof Quirks]): boolean {
  if (typeof kind !== "string") return typeof value === "string" && kind.includes(value);
  if (kind === "boolean") return typeof value === "boolean";
  return (kind === "number or null" && value === null) || (Number.isSafeInteger(value) && Number(value) >= 0);
}

function quirksOf(value: unknown): Quirks {
  const fields = fieldsOf(value, "quirks");
  for (const [name, kind] of Object.entries(QUIRK_KINDS)) {
    if (isOfKind(fields[name], kind)) continue;
    const wanted = typeof kind === "string" ? `a ${kind}` : `one of ${kind.join(", ")}`;
    throw new ProfileError(`quirks.${name} is to be ${wanted}`);
  }
  const unknown = Object.keys(fields).find((name) => !(name in QUIRK_KINDS));
  if (unknown !== undefined) throw new ProfileError(`there is no quirk ${unknown}`);
  return Object.fromEntries(Object.keys(QUIRK_KINDS).map((name) => [name, fields[name]])) as unknown as Quirks;
}

/** Reads a profile (JSON). What a probe found beside the quirks is passed over. Throws ProfileError. */
export function parseProfile(text: string): Profile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new ProfileError("it is no JSON");
  }
  const fields = fieldsOf(content, "a profile");
  if (fields["format"] !== PROFILE_FORMAT) throw new ProfileError(`format is to be ${PROFILE_FORMAT}`);
  if (fields["version"] !== PROFILE_VERSION) {
    throw new ProfileError(`version is to be ${PROFILE_VERSION}; probe the module anew`);
  }
  const versions = fields["libraryVersions"];
  if (!Array.isArray(versions) || !versions.every((version) => typeof version === "string")) {
    throw new ProfileError("libraryVersions is to be a list of texts");
  }
  return {
    format: PROFILE_FORMAT,
    version: PROFILE_VERSION,
    name: textOf(fields, "name"),
    manufacturer: textOf(fields, "manufacturer"),
    libraryVersions: versions,
    quirks: quirksOf(fields["quirks"]),
  };
}
