import { writePkcs12 } from "#certs/pkcs12.js";
import { attributes } from "#protocol/attributes/definitions.js";
import { KeyFormatType } from "#protocol/enums/index.js";
import type { KeyBlock } from "#protocol/structures/key-block.js";
import { writeKeyBlock } from "#src/crypto/formats/write-key.js";
import { materialOf } from "#src/inventory/key-keeper.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";
import type { PlainKey } from "../giving/plain-key.js";
import { chainOf } from "./certificate-chain.js";
import { containerPassword } from "./password.js";

/** The friendly name of keys that have none (KMIP 2.1 §4.39). */
const usualName = "alias";

function friendlyNameOf({ attributes: set }: ManagedObject): string {
  return set.get(attributes.pkcs12FriendlyName) ?? usualName;
}

/** A private key in a PKCS#12 container with its certificates, as the Key Value itself. Throws KmipError and CryptoError. */
export async function keyContainer(context: OperationContext, object: ManagedObject, key: PlainKey): Promise<KeyBlock> {
  if (key.form !== "private") {
    throw new KmipError("KeyFormatTypeNotSupported", "only private keys and certificates are given in PKCS#12");
  }
  const password = await containerPassword(context, object.attributes);
  const certificates = await chainOf(context, object);
  const { version } = context;
  const { keyValue } = writeKeyBlock({ ...key, version, requestedFormat: KeyFormatType.PKCS_8 });
  if (keyValue === undefined || Buffer.isBuffer(keyValue) || !Buffer.isBuffer(keyValue.keyMaterial)) {
    throw new TypeError("PKCS#8 is bytes");
  }
  try {
    const content = { privateKey: keyValue.keyMaterial, certificates, friendlyName: friendlyNameOf(object) };
    return { keyFormatType: KeyFormatType.PKCS_12, keyValue: await writePkcs12(content, password) };
  } finally {
    keyValue.keyMaterial.fill(0);
  }
}

/** A certificate with those above it in a PKCS#12 container (KMIP 2.1 §6.1.19). Throws KmipError and CryptoError. */
export async function certificateContainer(context: OperationContext, object: ManagedObject): Promise<Buffer> {
  const password = await containerPassword(context, object.attributes);
  const certificates = [materialOf(object).blob, ...(await chainOf(context, object))];
  return writePkcs12({ privateKey: undefined, certificates, friendlyName: friendlyNameOf(object) }, password);
}
