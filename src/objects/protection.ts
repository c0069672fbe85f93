import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeSet } from "./attribute-set.js";

/** Whether the plaintext of an object may be nowhere but in the token: Sensitive, or not Extractable (KMIP 2.1 §4.23, §4.55). */
export function isConfined(set: AttributeSet): boolean {
  return set.get(attributes.sensitive) === true || set.get(attributes.extractable) === false;
}
