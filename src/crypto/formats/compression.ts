import { KeyCompressionType } from "#protocol/enums/index.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { PointForm } from "./ec.js";

const forms: ReadonlyMap<number, PointForm> = new Map<number, PointForm>([
  [KeyCompressionType.ECPublicKeyTypeUncompressed, "uncompressed"],
  [KeyCompressionType.ECPublicKeyTypeX9_62CompressedPrime, "compressed"],
  [KeyCompressionType.ECPublicKeyTypeX9_62Hybrid, "hybrid"],
]);

const formOfFirstByte: ReadonlyMap<number | undefined, PointForm> = new Map<number, PointForm>([
  [2, "compressed"],
  [3, "compressed"],
  [4, "uncompressed"],
  [6, "hybrid"],
  [7, "hybrid"],
]);

/** How a Key Compression Type writes points. Throws KmipError where it is none for curves over prime fields. */
export function pointForm(keyCompressionType: number | undefined): PointForm {
  if (keyCompressionType === undefined) return "uncompressed";
  const form = forms.get(keyCompressionType);
  if (form !== undefined) return form;
  throw new KmipError(
    "KeyCompressionTypeNotSupported",
    "this Key Compression Type is not for curves over prime fields",
  );
}

/** The Key Compression Type of a point as it is written: undefined for uncompressed points, which is the default. */
export function compressionOf(point: Buffer): number | undefined {
  const form = formOfFirstByte.get(point[0]);
  if (form === undefined || form === "uncompressed") return undefined;
  return [...forms].find(([, each]) => each === form)?.[0];
}
