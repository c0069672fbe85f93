/** The part of better-sqlite3 that is used without knex. */
declare module "better-sqlite3" {
  class Database {
    /** `timeout`: milliseconds to wait for a lock. Throws an error whose `code` is SQLite's. */
    constructor(filename: string, options?: { readonly timeout?: number });
    exec(statements: string): this;
    close(): this;
  }
  export = Database;
}
