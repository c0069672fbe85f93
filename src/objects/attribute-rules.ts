import { type AttributeKey, attributes } from "#protocol/attributes/definitions.js";
import { vendorAttributeParts } from "#protocol/attributes/instance.js";
import { ObjectType } from "#protocol/enums/index.js";

/** When a client may change the value of an attribute. */
export type ClientChange =
  | "never"
  | "always"
  /** Only before the object was activated. */
  | "pre-active"
  /** Only before the object was deactivated. */
  | "until-deactivated"
  /** Before the object was deactivated, and while the date itself has not come. */
  | "until-reached"
  /** As long as no usage was allocated. */
  | "until-used";

/** Who may do what with an attribute: the rules table of its clause in KMIP 2.1 §4 (1.4 §3 where 2.1 dropped it). */
export interface AttributeRule {
  /** Whether a client may give the attribute when it makes an object, or add or set it later. */
  readonly settableByClient: boolean;
  /** A client says it when the object is made, and never afterwards: the server sets it (KMIP 2.1 "Initially set by"). */
  readonly onlyWhenMade?: true;
  readonly change: ClientChange;
  readonly deletable: boolean;
  readonly multiple: boolean;
  /** Object types it applies to; undefined means all. */
  readonly appliesTo?: ReadonlySet<number>;
}

const server: AttributeRule = { settableByClient: false, change: "never", deletable: false, multiple: false };
const onlyOnce: AttributeRule = { settableByClient: true, change: "never", deletable: false, multiple: false };
const whenMade: AttributeRule = { ...onlyOnce, onlyWhenMade: true };
const client: AttributeRule = { settableByClient: true, change: "always", deletable: true, multiple: false };
const clientMany: AttributeRule = { ...client, multiple: true };
const serverMany: AttributeRule = { ...server, multiple: true };

const certificates = new Set<number>([ObjectType.Certificate]);
const pairs = new Set<number>([ObjectType.PublicKey, ObjectType.PrivateKey, ObjectType.Certificate]);
const signed = new Set<number>([ObjectType.Certificate, ObjectType.PGPKey]);
const opaque = new Set<number>([ObjectType.OpaqueObject]);

/** The rules, one row per attribute of protocol/attributes; a test proves that none is missing. */
export const attributeRules: Readonly<Record<AttributeKey, AttributeRule>> = {
  uniqueIdentifier: server,
  shortUniqueIdentifier: server,
  name: clientMany,
  alternativeName: clientMany,
  objectType: server,
  objectClass: server,
  cryptographicAlgorithm: whenMade,
  cryptographicLength: whenMade,
  cryptographicParameters: clientMany,
  cryptographicDomainParameters: { ...onlyOnce, appliesTo: pairs },
  cryptographicUsageMask: onlyOnce,
  certificateType: { ...whenMade, appliesTo: certificates },
  certificateLength: { ...whenMade, appliesTo: certificates },
  x509CertificateIdentifier: { ...server, appliesTo: certificates },
  x509CertificateSubject: { ...server, appliesTo: certificates },
  x509CertificateIssuer: { ...server, appliesTo: certificates },
  certificateIdentifier: { ...server, appliesTo: certificates },
  certificateSubject: { ...server, appliesTo: certificates },
  certificateIssuer: { ...server, appliesTo: certificates },
  certificateSubjectCN: { ...serverMany, appliesTo: certificates },
  certificateSubjectO: { ...serverMany, appliesTo: certificates },
  certificateSubjectOU: { ...serverMany, appliesTo: certificates },
  certificateSubjectEmail: { ...serverMany, appliesTo: certificates },
  certificateSubjectC: { ...serverMany, appliesTo: certificates },
  certificateSubjectST: { ...serverMany, appliesTo: certificates },
  certificateSubjectL: { ...serverMany, appliesTo: certificates },
  certificateSubjectUID: { ...serverMany, appliesTo: certificates },
  certificateSubjectSerialNumber: { ...serverMany, appliesTo: certificates },
  certificateSubjectTitle: { ...serverMany, appliesTo: certificates },
  certificateSubjectDC: { ...serverMany, appliesTo: certificates },
  certificateSubjectDNQualifier: { ...serverMany, appliesTo: certificates },
  certificateIssuerCN: { ...serverMany, appliesTo: certificates },
  certificateIssuerO: { ...serverMany, appliesTo: certificates },
  certificateIssuerOU: { ...serverMany, appliesTo: certificates },
  certificateIssuerEmail: { ...serverMany, appliesTo: certificates },
  certificateIssuerC: { ...serverMany, appliesTo: certificates },
  certificateIssuerST: { ...serverMany, appliesTo: certificates },
  certificateIssuerL: { ...serverMany, appliesTo: certificates },
  certificateIssuerUID: { ...serverMany, appliesTo: certificates },
  certificateIssuerSerialNumber: { ...serverMany, appliesTo: certificates },
  certificateIssuerTitle: { ...serverMany, appliesTo: certificates },
  certificateIssuerDC: { ...serverMany, appliesTo: certificates },
  certificateIssuerDNQualifier: { ...serverMany, appliesTo: certificates },
  digitalSignatureAlgorithm: { ...whenMade, multiple: true, appliesTo: signed },
  digest: serverMany,
  operationPolicyName: onlyOnce,
  leaseTime: server,
  usageLimits: { settableByClient: true, change: "until-used", deletable: true, multiple: false },
  state: server,
  initialDate: server,
  activationDate: { settableByClient: true, change: "pre-active", deletable: false, multiple: false },
  processStartDate: { settableByClient: true, change: "until-reached", deletable: false, multiple: false },
  protectStopDate: { settableByClient: true, change: "until-reached", deletable: false, multiple: false },
  deactivationDate: { settableByClient: true, change: "until-deactivated", deletable: false, multiple: false },
  destroyDate: server,
  compromiseOccurrenceDate: server,
  compromiseDate: server,
  revocationReason: server,
  archiveDate: server,
  objectGroup: clientMany,
  fresh: whenMade,
  link: clientMany,
  applicationSpecificInformation: clientMany,
  contactInformation: client,
  lastChangeDate: server,
  keyValuePresent: server,
  keyValueLocation: clientMany,
  originalCreationDate: onlyOnce,
  randomNumberGenerator: onlyOnce,
  pkcs12FriendlyName: client,
  description: client,
  comment: client,
  sensitive: { settableByClient: true, change: "always", deletable: false, multiple: false },
  alwaysSensitive: server,
  extractable: { settableByClient: true, change: "always", deletable: false, multiple: false },
  neverExtractable: server,
  keyFormatType: server,
  nistKeyType: { settableByClient: true, change: "never", deletable: false, multiple: true },
  opaqueDataType: { ...server, appliesTo: opaque },
  protectionLevel: client,
  protectionPeriod: client,
  protectionStorageMask: server,
  quantumSafe: client,
  rotateAutomatic: onlyOnce,
  rotateDate: server,
  rotateGeneration: server,
  rotateInterval: onlyOnce,
  rotateLatest: server,
  rotateName: client,
  rotateOffset: onlyOnce,
};

/** Rules of vendor attributes: x- belongs to clients, y- to the server (KMIP 2.1 §4.60). */
export const vendorAttributeRules = { client: clientMany, server: serverMany } as const;

const ruleByName = new Map(
  Object.entries(attributes).map(([key, definition]) => [definition.name, attributeRules[key as AttributeKey]]),
);

/** The rule of an attribute by its name, or undefined for names that no specification and no vendor prefix explains. */
export function ruleFor(name: string): AttributeRule | undefined {
  const rule = ruleByName.get(name);
  if (rule !== undefined) return rule;
  if (isServersOwn(name)) return vendorAttributeRules.server;
  return vendorAttributeParts(name) === undefined ? undefined : vendorAttributeRules.client;
}

/** Whether a name is that of an attribute which the server, and no specification, defines (KMIP 1.4 §3.36, 2.1 §4.60). */
export function isServersOwn(name: string): boolean {
  return name.startsWith("y-");
}
