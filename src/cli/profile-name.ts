import { InvalidArgumentError } from "commander";
import { type ProfileName, profileNames } from "#src/access/client-profiles.js";

/** Reads the value of an option that is the name of a client profile. */
export function profileName(text: string): ProfileName {
  const name = profileNames.find((known) => known === text);
  if (name !== undefined) return name;
  throw new InvalidArgumentError(`Client profiles are ${profileNames.join(", ")}.`);
}
