/** A KMIP protocol version as an ordered number: major × 100 + minor (1.0 is 100, 2.1 is 201). */
export type ProtocolVersion = number;

/** The KMIP versions this server speaks, best first (the order Discover Versions answers in, KMIP 2.1 §6.1.20). */
export const supportedVersions = [201, 200, 104, 103, 102, 101, 100] as const satisfies readonly ProtocolVersion[];

/**
 * Versions that are spoken where an operator turns them on: as far as published test cases show them, without the text
 * of a specification to hold on to.
 */
export const experimentalVersions = [300] as const satisfies readonly ProtocolVersion[];

/** Named versions, for tables of facts: `since: V1_2`. */
export const V1_0 = 100;
export const V1_1 = 101;
export const V1_2 = 102;
export const V1_3 = 103;
export const V1_4 = 104;
export const V2_0 = 200;
export const V2_1 = 201;
export const V3_0 = 300;

/** The highest minor version that an ordered number has room for. */
export const highestMinor = 99;

/** The ordered number of a version that arrived as its two parts, the minor one no higher than `highestMinor`. */
export function protocolVersion(major: number, minor: number): ProtocolVersion {
  return major * 100 + minor;
}

/** Major part of a version. */
export function majorOf(version: ProtocolVersion): number {
  return Math.floor(version / 100);
}

/** Minor part of a version. */
export function minorOf(version: ProtocolVersion): number {
  return version % 100;
}

/** The version as people write it: "1.4". */
export function formatVersion(version: ProtocolVersion): string {
  return `${majorOf(version)}.${minorOf(version)}`;
}

/** A span of versions in which a fact holds: from `since`, up to and including `until`. */
export interface VersionSpan {
  readonly since?: ProtocolVersion;
  readonly until?: ProtocolVersion;
}

/** Whether a version lies in a span. */
export function inSpan(span: VersionSpan, version: ProtocolVersion): boolean {
  return version >= (span.since ?? 0) && version <= (span.until ?? Number.POSITIVE_INFINITY);
}
