import { profileNames, profileRow, profileSwitches, type SwitchName } from "./client-profiles.js";

const introduction = `# Client profiles

<!-- Generated from src/access/client-profiles.ts by \`npm run docs\`; edit the tables there, not this page. -->

Nearly every client works as it is: the server answers each in its own version, to the letter of the specification. For
the few things that cannot be right for all there are switches, and a profile turns on those that a product needs. Many
products need none; their profiles say so and change nothing.

A profile is set for a client, for a tenant or for a listener. That of the client counts before that of the listener it
connects to, and that before the one of its tenant:

\`\`\`
$ npx keyreeve client issue dns-signer --tenant acme --profile cascade
$ npx keyreeve client change dns-signer --tenant acme --profile standard
$ npx keyreeve client change dns-signer --tenant acme --no-profile
$ npx keyreeve tenant set acme --profile pykmip
\`\`\`

It counts from the client's next request on and stands in the audit trail. Requests that are worked on asynchronously go
by the profile of the client or its tenant.
`;

function needs(listener: { readonly tls?: string; readonly clientCertificate?: string } | undefined): string {
  const parts = [
    ...(listener?.tls === undefined ? [] : [`\`tls.profile: ${listener.tls}\``]),
    ...(listener?.clientCertificate === undefined ? [] : [`\`clientCertificate: ${listener.clientCertificate}\``]),
  ];
  return parts.length === 0 ? "" : parts.join(", ");
}

/** The reference of switches and profiles, as Markdown. */
export function profilesReference(): string {
  const switches = (Object.keys(profileSwitches) as SwitchName[]).map((name) => {
    const { operations, meaning, otherwise } = profileSwitches[name];
    return `| \`${name}\` | ${operations.join(", ")} | ${meaning} | ${otherwise} |`;
  });
  const profiles = profileNames.map((name) => {
    const { products, switches: on, listener, why } = profileRow(name);
    const turned = on.length === 0 ? "none" : on.map((each) => `\`${each}\``).join(", ");
    return `| \`${name}\` | ${products} | ${turned} | ${needs(listener) || "any"} | ${why} |`;
  });
  return [
    introduction,
    "## Switches",
    "",
    "| Switch | Operations | On | Off, as for everybody |",
    "| --- | --- | --- | --- |",
    ...switches,
    "",
    "## Profiles",
    "",
    "The column Listener says what the product needs of `kmip.listeners` ([configuration](../configuration.md)); a listener",
    "that names the profile has these settings where it says nothing else.",
    "",
    "| Profile | Products | Switches | Listener | Why |",
    "| --- | --- | --- | --- | --- |",
    ...profiles,
    "",
  ].join("\n");
}
