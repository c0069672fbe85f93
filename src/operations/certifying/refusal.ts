import { CertificateError } from "#certs/errors.js";
import { KmipError, type ReasonName } from "#src/objects/kmip-error.js";

/** Does something with certificates; what they refuse is told to the client as this reason. Throws KmipError. */
export async function orRefuse<T>(reason: ReasonName, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new KmipError(reason, sentence(error.message), { cause: error });
  }
}

function sentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
