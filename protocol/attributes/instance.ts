/**
 * One instance of an attribute as a message carries it. The value has the type that the attribute's row in
 * definitions.ts gives; custom (vendor) attributes and names nobody defines keep their TTLV item (`Item`) as the value.
 */
export interface AttributeInstance {
  /**
   * The attribute's name in the words of the specification ("Cryptographic Algorithm"). Vendor attributes carry their
   * 1.x name ("x-Barcode"), which in 2.x is Vendor Identification "x" and Attribute Name "Barcode".
   */
  readonly name: string;
  /** Attribute Index (1.x only). */
  readonly index?: number | undefined;
  /** Undefined only where a 1.x request names an attribute without a value. */
  readonly value: unknown;
}

/** The vendor identifications that have a 1.x spelling: x for clients' attributes, y for servers' (KMIP 2.1 §4.60). */
const prefixed = new Set(["x", "y"]);

/** The single name under which a vendor attribute is kept: "x-Barcode", or "acme/Barcode" for other vendors. */
export function vendorAttributeName(vendorIdentification: string, attributeName: string): string {
  return `${vendorIdentification}${prefixed.has(vendorIdentification) ? "-" : "/"}${attributeName}`;
}

/** The parts of a vendor attribute's name, or undefined for a name that is no vendor attribute's. */
export function vendorAttributeParts(name: string): { vendor: string; attribute: string } | undefined {
  const match = /^(?:([xy])-|([A-Za-z0-9_.]+)\/)(.*)$/s.exec(name);
  if (match === null) return undefined;
  return { vendor: match[1] ?? match[2] ?? "", attribute: match[3] ?? "" };
}

/** Whether a name is a custom attribute of 1.x, which only names with x- and y- are (KMIP 1.4 §3.39). */
export function isPrefixedVendorAttribute(name: string): boolean {
  return name.startsWith("x-") || name.startsWith("y-");
}
