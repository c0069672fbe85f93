import { deviceFields } from "#src/access/device.js";
import type {
  CredentialOwner,
  CredentialSummary,
  NewCredential,
  SetCredential,
} from "#src/administration/credentials.js";
import { choice, flag, name, object, orNull, type Properties, type Schema, text, time } from "./schema-parts.js";

const filter = text(undefined, { minLength: 1, maxLength: 512 });

const credentialProperties: Properties<CredentialSummary> = {
  tenant: name,
  client: name,
  username: text("The username, or what a device goes by here"),
  kind: choice("password", "one-time-password", "device"),
  createdAt: time,
};

/** The schemas of credentials. */
export const credentialSchemas: readonly Schema[] = [
  object<CredentialSummary>("Credential", credentialProperties),
  object<SetCredential>("SetCredential", {
    ...credentialProperties,
    oneTimeUri: orNull(text("Key of the one-time passwords, told this once")),
  }),
  object<Omit<NewCredential, keyof CredentialOwner>>(
    "NewCredential",
    {
      username: { ...filter, description: "Without a certificate, clients write it TENANT/USERNAME" },
      device: {
        type: "object",
        additionalProperties: false,
        properties: Object.fromEntries(deviceFields.map((field) => [field, filter])),
      },
      password: text("Hashed, and never shown again", { minLength: 8, maxLength: 255, writeOnly: true }),
      oneTimePassword: { ...flag, description: "One-time passwords (RFC 6238) are demanded too" },
    },
    ["username", "device", "oneTimePassword"],
  ),
  object<{ readonly username: string }>("CredentialName", { username: filter }),
];
