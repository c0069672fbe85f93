/** Who asks, seen from the object asked for. */
export const relations = ["own", "stranger", "colleague", "bearer"] as const;
/** A neighbour is a client of the owner's tenant that may do everything, but not go on with what the owner has begun. */
export type Relation = (typeof relations)[number] | "neighbour";
