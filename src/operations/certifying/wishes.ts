import {
  checkedName,
  inUsualOrder,
  nameOfParts,
  nameOfText,
  type SubjectPart,
  type SubjectPartName,
} from "#certs/subject-names.js";
import { attributes } from "#protocol/attributes/definitions.js";
import type { RequestedAttributes } from "#protocol/attributes/fields.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { CertificateType } from "#protocol/enums/index.js";
import type { CertificateSubject, X509CertificateSubject } from "#protocol/structures/attribute-values.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { orRefuse } from "./refusal.js";

/** What a request says of the subject of a certificate to be made. */
export interface SubjectWishes {
  /** Name, DER; undefined where the request names none. */
  readonly name: Buffer | undefined;
  /** Each GeneralName, DER, not yet checked. */
  readonly alternativeNames: readonly Buffer[];
}

/** The attributes of a request for a certificate, told apart. */
export interface CertificateWishes {
  readonly subject: SubjectWishes;
  /** The others, which become attributes of the new object. */
  readonly others: RequestedAttributes;
}

const partKinds: ReadonlyMap<string, SubjectPartName> = new Map(
  (
    [
      [attributes.certificateSubjectCN, "CN"],
      [attributes.certificateSubjectO, "O"],
      [attributes.certificateSubjectOU, "OU"],
      [attributes.certificateSubjectEmail, "emailAddress"],
      [attributes.certificateSubjectC, "C"],
      [attributes.certificateSubjectST, "ST"],
      [attributes.certificateSubjectL, "L"],
      [attributes.certificateSubjectUID, "UID"],
      [attributes.certificateSubjectSerialNumber, "serialNumber"],
      [attributes.certificateSubjectTitle, "title"],
      [attributes.certificateSubjectDC, "DC"],
      [attributes.certificateSubjectDNQualifier, "dnQualifier"],
    ] as const
  ).map(([definition, kind]) => [definition.name, kind]),
);

const wholeSubject = attributes.x509CertificateSubject.name;
const textSubject = attributes.certificateSubject.name;

/**
 * Tells the subject that a request asks for from its other attributes: X.509 Certificate Subject, Certificate Subject
 * of 1.0, or the single parts since 2.0, the first of these that is there. The server sets these attributes later from
 * the certificate; here they say what is to be in it (KMIP 2.1 §6.1.6). Throws KmipError.
 */
export async function certificateWishes(requested: RequestedAttributes): Promise<CertificateWishes> {
  const isSubject = ({ name }: AttributeInstance): boolean =>
    name === wholeSubject || name === textSubject || partKinds.has(name);
  const others = requested.attributes.filter((instance) => !isSubject(instance));
  const subject = await orRefuse("InvalidAttributeValue", () => subjectOf(requested.attributes.filter(isSubject)));
  return { subject, others: { ...requested, attributes: others } };
}

function subjectOf(given: readonly AttributeInstance[]): SubjectWishes {
  const value = (name: string): unknown => given.find((instance) => instance.name === name)?.value;
  const whole = value(wholeSubject) as X509CertificateSubject | undefined;
  if (whole !== undefined) {
    const { subjectDistinguishedName: name, subjectAlternativeName: alternativeNames } = whole;
    return { name: name.length === 0 ? undefined : checkedName(name), alternativeNames };
  }
  const text = value(textSubject) as CertificateSubject | undefined;
  if (text !== undefined) {
    return { name: nameOfText(text.certificateSubjectDistinguishedName), alternativeNames: [] };
  }
  const parts = given.flatMap((instance): SubjectPart[] => {
    const kind = partKinds.get(instance.name);
    return kind === undefined || typeof instance.value !== "string" ? [] : [[kind, instance.value]];
  });
  return { name: parts.length === 0 ? undefined : nameOfParts(inUsualOrder(parts)), alternativeNames: [] };
}

/** The server issues X.509 certificates. Throws KmipError where a request wants another type. */
export function checkCertificateType(requested: AttributeSet): void {
  const type = requested.get(attributes.certificateType);
  if (type === undefined || type === CertificateType.X_509) return;
  throw new KmipError("FeatureNotSupported", "the server issues X.509 certificates only");
}
