/** The object identifiers this folder writes and reads, by their names in RFC 5280, RFC 5480, RFC 5758 and RFC 8017. */
export const objectIdentifiers = {
  commonName: "2.5.4.3",
  countryName: "2.5.4.6",
  organizationName: "2.5.4.10",
  organizationalUnitName: "2.5.4.11",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  cRLNumber: "2.5.29.20",
  cRLReason: "2.5.29.21",
  authorityKeyIdentifier: "2.5.29.35",
  extKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  ecdsaWithSHA256: "1.2.840.10045.4.3.2",
  ecdsaWithSHA384: "1.2.840.10045.4.3.3",
  sha256WithRSAEncryption: "1.2.840.113549.1.1.11",
} as const;

/** The name of an object identifier in the table. */
export type ObjectIdentifierName = keyof typeof objectIdentifiers;

const names = new Map<string, ObjectIdentifierName>(
  (Object.keys(objectIdentifiers) as ObjectIdentifierName[]).map((name) => [objectIdentifiers[name], name]),
);

/** The name of a dotted object identifier, or the dotted text itself where the table does not list it. */
export function objectIdentifierName(dotted: string): string {
  return names.get(dotted) ?? dotted;
}
