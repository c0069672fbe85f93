import { type Extension, extensionsIn } from "./certificate-fields.js";
import { certificateRequestMessage } from "./certificate-request-message.js";
import { derElements, derTags, dotted, elementsOf, expected } from "./der-elements.js";
import { CertificateError } from "./errors.js";
import { objectIdentifiers } from "./object-identifiers.js";
import { derOfPem } from "./pem.js";
import { type CertificateRequest, checkPossession } from "./proof-of-possession.js";

/** The longest request that is read, in bytes. */
const longestRequest = 64 * 1024;

/** The forms in which requests come. */
export const requestForms = {
  /** PKCS #10 in DER (RFC 2986). */
  "pkcs-10": (value: Buffer) => pkcs10(value),
  /** PKCS #10 in PEM (RFC 7468 §7). */
  pem: (value: Buffer) => pkcs10(derOfPem(value.toString("latin1"), /^(NEW )?CERTIFICATE REQUEST$/)),
  /** One message of CRMF in DER (RFC 4211). */
  crmf: (value: Buffer) => certificateRequestMessage(value),
} as const satisfies Record<string, (value: Buffer) => CertificateRequest>;

/** A form of request. */
export type RequestForm = keyof typeof requestForms;

/**
 * Reads a certificate request from a client and verifies that it is signed by the key it names.
 *
 * @throws CertificateError where it is not, or is not well-formed.
 */
export function readCertificateRequest(form: RequestForm, value: Buffer): CertificateRequest {
  if (value.length > longestRequest) throw new CertificateError("The certificate request is too long");
  return requestForms[form](value);
}

const attributesTag = 0xa0;

function pkcs10(der: Buffer): CertificateRequest {
  const [information, algorithm, signature] = elementsOf(der, derTags.sequence);
  const signed = expected(information, derTags.sequence);
  const [version, subject, publicKey, attributes] = derElements(signed.content);
  if (expected(version, derTags.integer).content[0] !== 0) throw new CertificateError("The request is not version 1");
  const request = {
    subject: expected(subject, derTags.sequence).whole,
    publicKey: expected(publicKey, derTags.sequence).whole,
    extensions: attributes?.tag === attributesTag ? requestedExtensions(attributes.content) : [],
  };
  checkPossession(request.publicKey, expected(algorithm, derTags.sequence), signed.whole, signature);
  return request;
}

/** The extensions in the extensionRequest attribute (RFC 2985 §5.4.2), if there is one. */
function requestedExtensions(attributes: Buffer): readonly Extension[] {
  const values = derElements(attributes).flatMap((attribute) => {
    const [type, set] = derElements(expected(attribute, derTags.sequence).content);
    const isRequest = dotted(expected(type, derTags.objectIdentifier).content) === objectIdentifiers.extensionRequest;
    return isRequest ? derElements(expected(set, derTags.set).content) : [];
  });
  const [extensions, more] = values;
  if (more !== undefined) throw new CertificateError("The request asks for extensions twice");
  return extensions === undefined ? [] : extensionsIn(extensions.whole);
}
