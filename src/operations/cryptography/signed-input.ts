import type { DataReference } from "#protocol/structures/data.js";
import type { SignatureInput } from "#src/crypto/mechanisms/signatures.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { dataOf } from "./single-part.js";

/** What is signed: the Data, or their digest where the client has made it (KMIP 2.1 §6.1.55). Throws KmipError. */
export function signedInput(request: {
  readonly data?: Buffer | DataReference | undefined;
  readonly digestedData?: Buffer | undefined;
}): { readonly bytes: Buffer; readonly input: SignatureInput } {
  const { data, digestedData } = request;
  if (digestedData === undefined) return { bytes: dataOf(request), input: { kind: "data" } };
  if (data !== undefined) throw new KmipError("InvalidMessage", "there are both Data and Digested Data");
  return { bytes: digestedData, input: { kind: "digest", length: digestedData.length } };
}
