import { extensionsIn } from "./certificate-fields.js";
import { type DerElement, derElements, derTags, elementsOf, expected } from "./der-elements.js";
import { CertificateError } from "./errors.js";
import { type CertificateRequest, checkPossession } from "./proof-of-possession.js";

// Fields of CertTemplate and of CertReqMsg (RFC 4211 §5, §4).
const subjectField = 0xa5;
const publicKeyField = 0xa6;
const extensionsField = 0xa9;
const signatureProof = 0xa1;

/**
 * Reads the one message of a CertReqMessages (RFC 4211 §3) whose possession of the key is proven by a signature over
 * the request (§4.1), the only proof that needs no second round.
 *
 * @throws CertificateError where it is anything else.
 */
export function certificateRequestMessage(der: Buffer): CertificateRequest {
  const [message, more] = elementsOf(der, derTags.sequence);
  if (more !== undefined) throw new CertificateError("The request holds more than one message");
  const [request, ...others] = derElements(expected(message, derTags.sequence).content);
  const signed = expected(request, derTags.sequence);
  const [identifier, template] = derElements(signed.content);
  expected(identifier, derTags.integer);
  const asked = fromTemplate(derElements(expected(template, derTags.sequence).content));
  const proof = others.find(({ tag }) => tag === signatureProof);
  if (proof === undefined) throw new CertificateError("The possession of the key is not proven by a signature");
  const [algorithm, signature] = derElements(proof.content);
  // With subject and key in the template, the signature is over the request itself and no other input stands here.
  checkPossession(asked.publicKey, expected(algorithm, derTags.sequence), signed.whole, signature);
  return asked;
}

function fromTemplate(fields: readonly DerElement[]): CertificateRequest {
  const field = (tag: number): DerElement | undefined => fields.find((each) => each.tag === tag);
  const subject = field(subjectField);
  const publicKey = field(publicKeyField);
  if (subject === undefined || publicKey === undefined) {
    throw new CertificateError("The request names no subject or no public key");
  }
  const extensions = field(extensionsField);
  return {
    // The subject is tagged explicitly, as it is a CHOICE; the others are a SEQUENCE under another tag.
    subject: expected(derElements(subject.content)[0], derTags.sequence).whole,
    publicKey: asSequence(publicKey),
    extensions: extensions === undefined ? [] : extensionsIn(asSequence(extensions)),
  };
}

function asSequence({ whole }: DerElement): Buffer {
  return Buffer.concat([Buffer.of(derTags.sequence), whole.subarray(1)]);
}
