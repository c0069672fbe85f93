import { Operation as Code, isKnownIn, ObjectType, ProfileName, ProfileNameTable } from "#protocol/enums/index.js";
import type { ProfileInformation } from "#protocol/structures/query.js";
import { inSpan, majorOf, minorOf, type ProtocolVersion, V1_0, V1_2, V2_0 } from "#protocol/versions.js";
import type { Operation } from "../contract/operation.js";

/** What a profile of the KMIP Profiles needs of a server. */
interface ProfileRow {
  /** The name since 2.0; those of 1.x have the version behind them. */
  readonly name: string;
  /** The first version the profile was made for. */
  readonly since: ProtocolVersion;
  /** Operations beside those of the baseline. */
  readonly operations: readonly number[];
  readonly objectTypes: readonly number[];
  /** A mechanism the token must have. */
  readonly mechanism?: string;
}

/** Operations every server profile needs (KMIP Profiles 1.4 §5.1, 2.1 §5.1), each from the version it came with. */
const baseline: readonly number[] = [
  Code.DiscoverVersions,
  Code.Query,
  Code.Locate,
  Code.Check,
  Code.Get,
  Code.GetAttributes,
  Code.GetAttributeList,
  Code.AddAttribute,
  Code.ModifyAttribute,
  Code.DeleteAttribute,
  Code.Activate,
  Code.Revoke,
  Code.Destroy,
];

/** Operations the baseline has gained with 2.0. */
const baselineTwo: readonly number[] = [
  Code.AdjustAttribute,
  Code.SetAttribute,
  Code.Register,
  Code.Import,
  Code.Export,
  Code.Log,
  Code.SetEndpointRole,
];

const keys: readonly number[] = [ObjectType.PublicKey, ObjectType.PrivateKey];
const symmetric: readonly number[] = [ObjectType.SymmetricKey];
const enciphering: readonly number[] = [Code.Encrypt, Code.Decrypt];
const advanced: readonly number[] = [
  ...enciphering,
  Code.Sign,
  Code.SignatureVerify,
  Code.MAC,
  Code.MACVerify,
  Code.RNGRetrieve,
  Code.RNGSeed,
  Code.Hash,
];

/** The profiles of servers, one row each. Those that are about transports and cipher suites are not claimed. */
const rows: readonly ProfileRow[] = [
  { name: "BaselineServerTLSV1_2", since: V1_2, operations: [], objectTypes: [] },
  { name: "BaselineServer", since: V2_0, operations: [], objectTypes: [] },
  { name: "TapeLibraryServer", since: V1_0, operations: [Code.Create], objectTypes: symmetric },
  { name: "SymmetricKeyLifecycleServer", since: V1_0, operations: [Code.Create], objectTypes: symmetric },
  { name: "AsymmetricKeyLifecycleServer", since: V1_0, operations: [Code.CreateKeyPair], objectTypes: keys },
  { name: "BasicCryptographicServer", since: V1_2, operations: enciphering, objectTypes: symmetric },
  { name: "AdvancedCryptographicServer", since: V1_2, operations: advanced, objectTypes: [...symmetric, ...keys] },
  { name: "RNGCryptographicServer", since: V1_2, operations: [Code.RNGRetrieve, Code.RNGSeed], objectTypes: [] },
  { name: "SymmetricKeyFoundryServer", since: V1_0, operations: [Code.Create], objectTypes: symmetric },
  {
    name: "OpaqueManagedObjectStoreServer",
    since: V1_0,
    operations: [Code.Register],
    objectTypes: [ObjectType.OpaqueObject],
  },
  {
    name: "StorageArrayWithSelfEncryptingDriveServer",
    since: V1_0,
    operations: [Code.Register],
    objectTypes: [ObjectType.SecretData],
  },
  { name: "AESXTSServer", since: V2_0, operations: enciphering, objectTypes: symmetric, mechanism: "CKM_AES_XTS" },
  { name: "PKCS_11Server", since: V2_0, operations: [Code.PKCS_11], objectTypes: [] },
];

/** What profiles are claimed from. */
export interface Offer {
  readonly operations: readonly Operation[];
  /** Object Types that objects may be of, in a version. */
  objectTypes(version: ProtocolVersion): readonly number[];
  /** Names of the token's mechanisms. */
  readonly mechanisms: ReadonlySet<string>;
}

function isMet(row: ProfileRow, version: ProtocolVersion, offer: Offer): boolean {
  const needed = [...baseline, ...(version >= V2_0 ? baselineTwo : []), ...row.operations];
  const offered = new Map(offer.operations.map((operation) => [operation.code, operation]));
  const types = offer.objectTypes(version);
  return (
    // Discover Versions came with 1.1: a profile of 1.0 does without.
    needed.every((code) => {
      const operation = offered.get(code);
      return operation !== undefined && (inSpan(operation.versions, version) || code === Code.DiscoverVersions);
    }) &&
    row.objectTypes.every((type) => types.includes(type)) &&
    (row.mechanism === undefined || offer.mechanisms.has(row.mechanism))
  );
}

const valueByName: Readonly<Record<string, number | undefined>> = ProfileName;

/** The profile of a row for one version of its own, as a request of `asked` may hear of it. */
function claimed(row: ProfileRow, version: ProtocolVersion, asked: ProtocolVersion): ProfileInformation | undefined {
  const name = version < V2_0 ? `${row.name}KMIPV1_${minorOf(version)}` : row.name;
  const profileName = valueByName[name];
  if (profileName === undefined || !isKnownIn(ProfileNameTable, profileName, asked)) return undefined;
  const profileVersion = { profileVersionMajor: majorOf(version), profileVersionMinor: minorOf(version) };
  return version < V2_0 ? { profileName } : { profileName, profileVersion };
}

/**
 * The profiles that this server supports, as requests of a version hear of them: those of the version itself and, in
 * 1.x, of the versions before. A profile is claimed where all it needs is offered.
 */
export function supportedProfiles(
  asked: ProtocolVersion,
  spoken: readonly ProtocolVersion[],
  offer: Offer,
): readonly ProfileInformation[] {
  const versions = spoken.filter((version) => (asked >= V2_0 ? version === asked : version <= asked)).sort();
  return rows.flatMap((row) =>
    versions.flatMap((version) => {
      const claim = version >= row.since && isMet(row, version, offer) ? claimed(row, version, asked) : undefined;
      return claim === undefined ? [] : [claim];
    }),
  );
}
