import { Tag } from "../tags.js";

/** Everything inside these is secret, whatever its type. */
export const secretTags: ReadonlySet<number> = new Set([
  Tag.KeyMaterial,
  Tag.Password,
  Tag.OneTimePassword,
  Tag.HashedPassword,
  Tag.ServerHashedPassword,
  Tag.TicketValue,
  Tag.DerivationData,
  Tag.VendorExtension,
  Tag.PKCS_11InputParameters,
  Tag.PKCS_11OutputParameters,
]);

/** Byte Strings that say nothing about keys or data. */
export const openByteStrings: ReadonlySet<number> = new Set([
  Tag.UniqueBatchItemID,
  Tag.AsynchronousCorrelationValue,
  Tag.ShortUniqueIdentifier,
]);

/** Where extension tags begin; nothing is known of their values, so none is shown. */
export const firstExtension = 0x540000;
