/** What of a certificate can name a client: its CN, its first DNS name or its first e-mail address. */
export const nameSources = ["cn", "san-dns", "san-email"] as const;

/** One of them. */
export type NameSource = (typeof nameSources)[number];
