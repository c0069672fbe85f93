import type { Profile } from "./profile.js";
import { type Quirks, STANDARD } from "./quirks.js";
import { SHIPPED } from "./shipped.js";

/** A module as C_GetInfo tells of it. */
export interface Library {
  readonly manufacturer: string;
  /** `major.minor` */
  readonly libraryVersion: string;
}

function fits({ manufacturer, libraryVersions }: Profile, library: Library): boolean {
  const isOfVersion = libraryVersions.length === 0 || libraryVersions.includes(library.libraryVersion);
  return manufacturer === library.manufacturer.trim() && isOfVersion;
}

/** The profile of a module: the operator's where it is of that module, else one of those that are shipped. */
export function profileFor(library: Library, given?: Profile): { readonly name: string; readonly quirks: Quirks } {
  const known = [...(given === undefined ? [] : [given]), ...SHIPPED].find((profile) => fits(profile, library));
  return known ?? { name: "standard", quirks: STANDARD };
}
