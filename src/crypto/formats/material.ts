import type { TransparentKeyMaterial } from "#protocol/structures/key-block.js";
import { malformed } from "./der.js";

/** Key material as a Key Block carries it in plaintext. */
export type Material = Buffer | TransparentKeyMaterial;

/** The material of a format that is bytes. Throws KmipError `InvalidField`. */
export function bytesOf(material: Material): Buffer {
  if (Buffer.isBuffer(material)) return material;
  throw malformed("Byte String, as its Key Format Type asks for");
}

/** The material of a transparent format. Throws KmipError `InvalidField`. */
export function structureOf(material: Material): TransparentKeyMaterial {
  if (!Buffer.isBuffer(material)) return material;
  throw malformed("structure, as its Key Format Type asks for");
}
