import { createHash, generateKeyPairSync } from "node:crypto";
import { test } from "tap";
import { KeyFormatType } from "#protocol/enums/index.js";
import { transparentKeyMaterial } from "#protocol/structures/key-block.js";
import { Tag } from "#protocol/tags.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V2_1 } from "#protocol/versions.js";
import { writeKeyBlock } from "#src/crypto/formats/write-key.js";
import { digestsOf } from "#src/operations/making/digests.js";

test("the digest of a private EC key in the transparent format is that of its TTLV", async (t) => {
  for (const namedCurve of ["P-256", "P-384", "P-521"]) {
    // Some keys have numbers whose first bit is set, and some numbers are shorter than the field.
    for (let time = 0; time < 20; time += 1) {
      const value = generateKeyPairSync("ec", { namedCurve }).privateKey.export({ format: "der", type: "pkcs8" });
      const key = { form: "private", keyType: "ec", value } as const;
      const block = { keyFormatType: KeyFormatType.PKCS_8, keyValue: { keyMaterial: value } };
      const { digest, digestFormat } = digestsOf(
        block,
        { ...key, algorithm: undefined, bits: 256, keyFormatType: KeyFormatType.PKCS_8 },
        V2_1,
      );
      t.equal(digestFormat, KeyFormatType.TransparentECPrivateKey);
      const written = writeKeyBlock({ ...key, version: V2_1, registeredFormat: digestFormat });
      const { keyValue } = written;
      if (keyValue === undefined || Buffer.isBuffer(keyValue) || Buffer.isBuffer(keyValue.keyMaterial))
        throw new TypeError("it is not transparent");
      const encoded = encodeItem(
        transparentKeyMaterial.encode(Tag.KeyMaterial, keyValue.keyMaterial, { version: V2_1 }),
      );
      t.same(digest, createHash("sha256").update(encoded).digest());
    }
  }
});
