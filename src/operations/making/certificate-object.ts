import { CertificateType, ObjectType } from "#protocol/enums/index.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { newObject } from "#src/objects/new-object.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { OperationContext } from "../contract/context.js";
import { keep } from "./keep.js";

/** A new Certificate object for an X.509 certificate (DER) with these attributes. Throws KmipError. */
export async function keptCertificate(
  context: OperationContext,
  requested: AttributeSet,
  value: Buffer,
): Promise<ManagedObject> {
  const id = newIdentifier();
  const objectType = ObjectType.Certificate;
  const registered = { kind: "certificate", type: CertificateType.X_509, value } as const;
  const kept = await keep(context, { id, objectType, requested, inToken: false }, registered);
  const { material, digest, set, algorithm, length } = kept;
  const { tenantId, now } = context;
  return newObject({
    tenantId,
    id,
    objectType,
    now,
    requested: set,
    material,
    digest,
    digestFormat: material.keyFormatType,
    algorithm,
    length,
  });
}
