import type { DataReference } from "#protocol/structures/data.js";
import type { SignatureInput } from "#src/crypto/mechanisms/signatures.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { dataOf } from "./data.js";

interface SignedFields {
  readonly data?: Buffer | DataReference | undefined;
  readonly digestedData?: Buffer | undefined;
}

/** What is signed and in which form it came. */
export interface Signed {
  readonly bytes: Buffer;
  readonly input: SignatureInput;
}

/** What is signed: the Data, or their digest where the client has made it (KMIP 2.1 §6.1.55). Throws KmipError. */
export function signedInput(request: SignedFields): Signed {
  const { data, digestedData } = request;
  if (digestedData === undefined) return { bytes: dataOf(request), input: { kind: "data" } };
  if (data !== undefined) throw new KmipError("InvalidMessage", "there are both Data and Digested Data");
  return { bytes: digestedData, input: { kind: "digest", length: digestedData.length } };
}

/** As `signedInput`, for what comes in parts, of which a digest has none. Throws KmipError. */
export function signedParts({ digestedData }: SignedFields): Signed {
  if (digestedData !== undefined) throw new KmipError("InvalidMessage", "Digested Data do not come in parts");
  return { bytes: Buffer.alloc(0), input: { kind: "data" } };
}
