/** Cases that contradict themselves or the specification as published, by version and name, with what is wrong. */
export const errata: Readonly<Record<string, string>> = {
  "1.3 CS-BC-M-6-13":
    "The ciphertext shown is not AES-128-ECB of the data under the key registered: that is d9bcce11b0b437b90239552df3a360c9.",
  "1.4 OMOS-O-1-14": "The answer shown to the last request, which is of 1.4, has the header of 1.3.",
};
