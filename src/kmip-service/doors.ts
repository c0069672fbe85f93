import type { Entrance } from "#src/access/caller.js";
import { type ListenerNeeds, type ProfileName, profileNames, profileRow } from "#src/access/client-profiles.js";
import type { Configuration, ListenerConfiguration } from "#src/config/configuration.js";
import type { TlsProfile } from "#src/net/tls-settings.js";
import { ServiceSettingError } from "./setting-error.js";

/** One listener, with all that holds for it. */
export interface Door {
  /** Names it in logs, audit and metrics. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly clientCertificate: "required" | "optional";
  readonly tls: { readonly profile: TlsProfile; readonly certificates: Configuration["kmip"]["tls"]["certificates"] };
  readonly entrance: Entrance;
}

/** The listener of KMIP over TLS that every server has. */
export function mainDoor({ kmip }: Configuration): Door {
  const { host, port, clientCertificate, tls } = kmip;
  return { name: "kmip", host, port, clientCertificate, tls, entrance: {} };
}

/** That of KMIP over HTTPS. */
export function httpsDoor(configuration: Configuration): Door {
  const { host, port } = configuration.kmip.https;
  return { ...mainDoor(configuration), name: "https", host, port };
}

/** The further ones. Throws ServiceSettingError where one names a profile that there is not. */
export function furtherDoors({ kmip }: Configuration): readonly Door[] {
  return kmip.listeners.map((listener) => {
    const profile = profileOf(listener);
    const needs: ListenerNeeds = profile === undefined ? {} : (profileRow(profile).listener ?? {});
    return {
      name: listener.name,
      host: listener.host ?? kmip.host,
      port: listener.port,
      clientCertificate: listener.clientCertificate ?? needs.clientCertificate ?? "required",
      tls: {
        profile: listener.tls.profile ?? needs.tls ?? kmip.tls.profile,
        certificates: listener.tls.certificates ?? kmip.tls.certificates,
      },
      entrance: { ...(profile && { profile }), ...(listener.tenant !== undefined && { tenant: listener.tenant }) },
    };
  });
}

function profileOf({ name, profile }: ListenerConfiguration): ProfileName | undefined {
  const known = profileNames.find((each) => each === profile);
  if (profile === undefined || known !== undefined) return known;
  throw new ServiceSettingError(
    `kmip.listeners "${name}": there is no client profile "${profile}"; see docs/clients/profiles.md`,
  );
}

/** What the server says at its start about further listeners that are weaker than the first. */
export function insecureDoors(doors: readonly Door[]): readonly string[] {
  return doors.flatMap(({ name, port, tls, clientCertificate }) => [
    ...(tls.profile === "legacy"
      ? [
          `kmip.listeners "${name}" has the TLS profile legacy: on port ${port} TLS 1.0 and 1.1, old cipher suites and ` +
            "weak client certificates are taken; keep it off networks that others reach",
        ]
      : []),
    ...(clientCertificate === "optional"
      ? [
          `kmip.listeners "${name}" has clientCertificate optional: on port ${port} clients without a certificate ` +
            "reach the server's message parser",
        ]
      : []),
  ]);
}
