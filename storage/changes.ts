import type { Further } from "./further.js";
import type { reads, writes } from "./repositories/index.js";

type Repositories = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The parameters of a repository function after the connection or session. */
type Rest<Method> = Method extends (first: never, ...rest: infer Others) => unknown ? Others : never;
type Result<Method> = Method extends (...parameters: never) => infer Value
  ? Exclude<Awaited<Value>, Further<unknown>>
  : never;

type Remote<All extends Repositories> = {
  readonly [Repository in keyof All]: {
    readonly [Method in keyof All[Repository]]: (
      ...parameters: Rest<All[Repository][Method]>
    ) => Promise<Result<All[Repository][Method]>>;
  };
};

/** The read functions of the repositories as the main thread calls them. All reject with StorageError. */
export type Reads = Remote<typeof reads>;

type Writes = typeof writes;

declare const result: unique symbol;

/** One change, as plain data: a write function of a repository and its arguments. Made by `change`. */
export interface Change<Value = unknown> {
  readonly repository: string;
  readonly method: string;
  readonly parameters: readonly unknown[];
  /** What committing the change gives; only the type is there. */
  readonly [result]?: Value;
}

/** What a commit gives: what each change gave, in their order. */
export type CommitResult<Changes extends readonly Change[]> = {
  readonly [Index in keyof Changes]: Changes[Index] extends Change<infer Value> ? Value : never;
};

/**
 * A change for Database.commit, e.g. `change("objects", "create", { row, attributes, names })`. The arguments must stay
 * as they are until the commit settles.
 */
export function change<Repository extends keyof Writes & string, Method extends keyof Writes[Repository] & string>(
  repository: Repository,
  method: Method,
  ...parameters: Rest<Writes[Repository][Method]>
): Change<Result<Writes[Repository][Method]>> {
  return { repository, method, parameters };
}
