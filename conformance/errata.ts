const afterAnother = "Finds objects that only another case of its profile makes, which is not among the cases played.";

const bareKeyWrapped =
  "Asks for TTLV Encoding with an attribute, as its own description says, but shows the bare key wrapped: 24 bytes.";

const identifierOfAnother = "The answer to a Get of the fourth part shows the identifier of the first.";

/** Cases that cannot pass as they are published or played here, by version and name, with the reason. */
export const errata: Readonly<Record<string, string>> = {
  "1.1 TC-142-11": bareKeyWrapped,
  "1.2 TC-142-12": bareKeyWrapped,
  "1.2 TC-SJ-2-12": identifierOfAnother,
  "1.2 TC-SJ-4-12": identifierOfAnother,
  "1.3 CS-BC-M-6-13":
    "The ciphertext shown is not AES-128-ECB of the data under the key registered: that is d9bcce11b0b437b90239552df3a360c9.",
  "1.4 OMOS-O-1-14": "The answer shown to the last request, which is of 1.4, has the header of 1.3.",
  "1.0 TC-32-10":
    "The answer to Cancel shows the correlation value of one recorded run, where it must be the one of the request.",
  "1.0 SASED-M-3-10": afterAnother,
  "1.3 SASED-M-3-13": afterAnother,
  "1.4 SASED-M-3-14": afterAnother,
  "2.0 SASED-M-3-20": afterAnother,
  "2.1 SASED-M-3-21": afterAnother,
  "1.0 TL-M-3-10": afterAnother,
  "1.3 TL-M-3-13": afterAnother,
  "1.4 TL-M-3-14": afterAnother,
  "2.0 TL-M-3-20": afterAnother,
  "2.1 TL-M-3-21": afterAnother,
};
