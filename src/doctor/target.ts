/** What is examined, and as whom. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** The name that the server's certificate must hold; the host's where left out. */
  readonly serverName?: string;
  /** What the client shows and trusts, PEM; what is missing is told as such. */
  readonly certificate?: string;
  readonly key?: string;
  readonly authority?: string;
  /** For each connection and each answer. */
  readonly milliseconds: number;
}
