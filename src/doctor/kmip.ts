import { describeCertificate } from "#certs/describe.js";
import { QueryFunction } from "#protocol/enums/index.js";
import { formatVersion } from "#protocol/versions.js";
import { calls } from "#src/kmip-client/calls.js";
import { KmipClient } from "#src/kmip-client/client.js";
import { KmipConnectionError, KmipFailure } from "#src/kmip-client/errors.js";
import { type Finding, failed, fine, skipped, spanOf } from "./finding.js";
import type { Target } from "./target.js";

/** Clocks may differ by so much before dates of certificates and objects go wrong. */
const toleranceMilliseconds = 60_000;

/** What the server says over KMIP: its versions, what it is, and whom it takes the client for; and its clock. */
export async function speakKmip(target: Target, now: () => number): Promise<readonly Finding[]> {
  const { host, port, certificate, key, authority, serverName, milliseconds } = target;
  if (certificate === undefined || key === undefined || authority === undefined) {
    const words = "not tried: it takes a client's certificate, its key and the CA (--identity)";
    return [skipped("kmip", words), skipped("clock", "not compared")];
  }
  let client: KmipClient | undefined;
  try {
    client = await KmipClient.connect({
      host,
      port,
      files: { certificate, key, authority },
      ...(serverName !== undefined && { serverName }),
      connectMilliseconds: milliseconds,
      answerMilliseconds: milliseconds,
    });
    const queryFunctions = [QueryFunction.QueryOperations, QueryFunction.QueryServerInformation];
    const told = await client.ask(calls.query, { queryFunctions });
    const vendor = told.vendorIdentification ?? "a vendor that does not say its name";
    const { subject } = describeCertificate(certificate);
    const found =
      `KMIP ${formatVersion(client.version)}, ${vendor}, ${told.operations.length} operations; ` +
      `the server takes this client for the owner of ${subject}`;
    return [fine("kmip", found), clockFinding(client.serverTime, now())];
  } catch (error) {
    return [refused(error), clockFinding(client?.serverTime, now())];
  } finally {
    client?.close();
  }
}

function refused(error: unknown): Finding {
  if (error instanceof KmipFailure) {
    return failed(
      "kmip",
      `the server answers and refuses: ${error.serverMessage ?? "no message"} (${error.reason})`,
      "Have its operator look whether the client is registered and active and its tenant not suspended (for Keyreeve: " +
        "keyreeve client list, keyreeve tenant show), and see the server's log.",
    );
  }
  if (!(error instanceof KmipConnectionError)) throw error;
  return failed("kmip", error.message, "See the steps before this one, and the server's log.");
}

function clockFinding(serverTime: number | undefined, now: number): Finding {
  if (serverTime === undefined) return skipped("clock", "not compared: the server told no time");
  // The server tells whole seconds.
  const ahead = Math.trunc((serverTime * 1000 - now) / 1000) * 1000;
  if (Math.abs(ahead) < toleranceMilliseconds) return fine("clock", "the clocks of both machines agree");
  return failed(
    "clock",
    `the server's clock is ${spanOf(ahead)} ${ahead > 0 ? "ahead of" : "behind"} this machine's`,
    "Set the clocks of both machines by NTP: certificates and dates of keys depend on them.",
  );
}
