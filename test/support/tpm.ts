import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** A TPM in software: an attestation key, and registers with the digest that is given. */
export interface Tpm {
  /** PEM. */
  readonly publicKey: string;
  /** What TPM2_Quote gives over a nonce: TPM2B_ATTEST and TPMT_SIGNATURE. */
  quote(nonce: Buffer, registerDigest: Buffer): Buffer;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function sized(bytes: Buffer): Buffer {
  return Buffer.concat([word(bytes.length), bytes]);
}

function attested(nonce: Buffer, registerDigest: Buffer): Buffer {
  const magicAndType = Buffer.from("ff5443478018", "hex");
  const signer = sized(Buffer.alloc(34, 1));
  const clockAndFirmware = Buffer.alloc(25, 2);
  const oneBankOfSha256 = Buffer.from("00000001000b03ff0000", "hex");
  return Buffer.concat([magicAndType, signer, sized(nonce), clockAndFirmware, oneBankOfSha256, sized(registerDigest)]);
}

const schemes: Readonly<Record<"rsa" | "ec", (key: KeyObject, data: Buffer) => Buffer>> = {
  rsa: (key, data) => Buffer.concat([word(0x0014), word(0x000b), sized(sign("sha256", data, key))]),
  ec: (key, data) => {
    const signature = sign("sha256", data, { key, dsaEncoding: "ieee-p1363" });
    return Buffer.concat([word(0x0018), word(0x000b), sized(signature.subarray(0, 32)), sized(signature.subarray(32))]);
  },
};

/** Makes a TPM with a new attestation key. */
export function makeTpm(keyType: "rsa" | "ec" = "ec"): Tpm {
  const { publicKey, privateKey } =
    keyType === "ec"
      ? generateKeyPairSync("ec", { namedCurve: "prime256v1" })
      : generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    publicKey: publicKey.export({ format: "pem", type: "spki" }).toString(),
    quote(nonce, registerDigest) {
      const data = attested(nonce, registerDigest);
      return Buffer.concat([sized(data), schemes[keyType](privateKey, data)]);
    },
  };
}
