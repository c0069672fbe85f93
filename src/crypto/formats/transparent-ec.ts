import { CryptographicAlgorithm, KeyFormatType } from "#protocol/enums/index.js";
import { inSpan, type ProtocolVersion, V1_3, V1_4, type VersionSpan } from "#protocol/versions.js";

/** One spelling of the transparent EC formats: until 1.2 each algorithm has its own, from 1.3 on one serves them all. */
interface Spelling {
  readonly private: number;
  readonly public: number;
  /** The algorithm the spelling names. */
  readonly algorithm: number | undefined;
  /** Versions in which answers are spelled so unless a request asks for it. */
  readonly span: VersionSpan;
}

const spellings: readonly Spelling[] = [
  {
    private: KeyFormatType.TransparentECDSAPrivateKey,
    public: KeyFormatType.TransparentECDSAPublicKey,
    algorithm: CryptographicAlgorithm.ECDSA,
    span: { until: V1_4 },
  },
  {
    private: KeyFormatType.TransparentECDHPrivateKey,
    public: KeyFormatType.TransparentECDHPublicKey,
    algorithm: CryptographicAlgorithm.ECDH,
    span: { until: V1_4 },
  },
  {
    private: KeyFormatType.TransparentECMQVPrivateKey,
    public: KeyFormatType.TransparentECMQVPublicKey,
    algorithm: CryptographicAlgorithm.ECMQV,
    span: { until: V1_4 },
  },
  {
    private: KeyFormatType.TransparentECPrivateKey,
    public: KeyFormatType.TransparentECPublicKey,
    algorithm: undefined,
    span: { since: V1_3 },
  },
];

/** The Key Format Types under which a transparent EC key of a pair may stand. */
export function transparentEcFormats(half: "private" | "public"): readonly number[] {
  return spellings.map((spelling) => spelling[half]);
}

/** The algorithm that a transparent EC format names; undefined where it names none. */
export function algorithmOfTransparentEc(keyFormatType: number): number | undefined {
  return spellings.find((each) => each.private === keyFormatType || each.public === keyFormatType)?.algorithm;
}

/** The format under which a version writes what was registered in another spelling; other formats stay as they are. */
export function spelledFor(
  version: ProtocolVersion,
  keyFormatType: number,
  half: "private" | "public",
  algorithm: number | undefined,
): number {
  const registered = spellings.find((spelling) => spelling[half] === keyFormatType);
  if (registered === undefined || inSpan(registered.span, version)) return keyFormatType;
  const byAlgorithm = spellings.find((each) => each.algorithm === algorithm && inSpan(each.span, version));
  const fitting = byAlgorithm ?? spellings.find((spelling) => inSpan(spelling.span, version));
  return fitting?.[half] ?? keyFormatType;
}
