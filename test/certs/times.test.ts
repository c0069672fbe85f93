import { X509Certificate } from "node:crypto";
import t from "tap";
import { readCertificate } from "#certs/certificate-fields.js";
import { createCertificateAuthority } from "#certs/certificates.js";
import { describeCertificate } from "#certs/describe.js";
import { CertificateError } from "#certs/errors.js";
import { timeOf, validityOf } from "#certs/times.js";
import { element } from "#test/support/certificate-requests.js";

const utc = (text: string): Date => timeOf({ tag: 0x17, whole: Buffer.alloc(0), content: Buffer.from(text) });
const generalized = (text: string): Date => timeOf({ tag: 0x18, whole: Buffer.alloc(0), content: Buffer.from(text) });

t.test("years of two digits are those from 1950 to 2049, of four digits any", async (t) => {
  t.equal(utc("500101000000Z").toISOString(), "1950-01-01T00:00:00.000Z");
  t.equal(utc("491231235959Z").toISOString(), "2049-12-31T23:59:59.000Z");
  t.equal(generalized("99991231235959Z").toISOString(), "9999-12-31T23:59:59.000Z");
  t.equal(generalized("00490101000000Z").toISOString(), "0049-01-01T00:00:00.000Z");
});

t.test("what is no moment of the calendar, or not written as one, is refused", async (t) => {
  const texts = [
    "261301000000Z",
    "260229000000Z",
    "260101246000Z",
    "260101000060Z",
    "2601010000Z",
    "",
    "26010100000\0Z",
  ];
  for (const text of texts) t.throws(() => utc(text), CertificateError, JSON.stringify(text));
  t.throws(() => generalized("20260101000000.5Z"), CertificateError);
  t.throws(() => generalized("20260101000000+0100"), CertificateError);
  t.throws(() => timeOf(undefined), CertificateError);
});

t.test("the dates of a certificate are those that stand in it", async (t) => {
  const { certificatePem } = await createCertificateAuthority({ commonName: "a", validityDays: 30 });
  const certificate = new X509Certificate(certificatePem);
  t.same(validityOf(certificate).notAfter, new Date(certificate.validTo));
  t.same(validityOf(certificate).notBefore, new Date(certificate.validFrom));
});

/** The certificate with another end, signature and all else as they were. */
async function ending(tag: number, end: string): Promise<Buffer> {
  const { certificatePem } = await createCertificateAuthority({ commonName: "a", validityDays: 30 });
  const { raw, validTo } = new X509Certificate(certificatePem);
  const digits = new Date(validTo).toISOString().replace(/\D/g, "").slice(2, 14);
  const old = element(0x17, Buffer.from(`${digits}Z`));
  const at = raw.indexOf(old);
  const changed = Buffer.concat([raw.subarray(0, at), element(tag, Buffer.from(end)), raw.subarray(at + old.length)]);
  // Lengths of the certificate, of what is signed, and of the validity around the date.
  const grown = changed.length - raw.length;
  for (const place of [2, 6]) changed.writeUInt16BE(changed.readUInt16BE(place) + grown, place);
  const validity = at - 17;
  changed.writeUInt8(changed.readUInt8(validity + 1) + grown, validity + 1);
  return changed;
}

t.test("a certificate that ended in the year 49 is not one that ends in 2049", async (t) => {
  const der = await ending(0x18, "00490101000000Z");
  t.equal(new Date(new X509Certificate(der).validTo).getFullYear(), 2049, "which is what its words make of it");
  t.equal(describeCertificate(der).notAfter.getUTCFullYear(), 49);
});

t.test("a certificate whose end cannot be read is refused, and not good for ever", async (t) => {
  const der = await ending(0x17, "zz0101000000Z");
  t.ok(Number.isNaN(Date.parse(new X509Certificate(der).validTo)), "OpenSSL takes it");
  t.throws(() => readCertificate(der), CertificateError);
  t.throws(() => describeCertificate(der), CertificateError);
});
