/** What one message may cost; each limit is checked before memory is taken for what it limits. */
export interface TtlvLimits {
  /** Bytes of a whole message, header included. */
  readonly maximumBytes: number;
  /** Structures inside one another; a message of one structure has depth 1. */
  readonly maximumDepth: number;
  /** Items of all types in one message, structures included. */
  readonly maximumItems: number;
}

export const defaultTtlvLimits: TtlvLimits = {
  maximumBytes: 1024 * 1024,
  maximumDepth: 32,
  maximumItems: 20_000,
};

/** The default limits with some of them replaced. */
export function ttlvLimits(limits: Partial<TtlvLimits> = {}): TtlvLimits {
  return { ...defaultTtlvLimits, ...limits };
}
