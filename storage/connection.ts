import type { Knex } from "knex";
import type { DatabaseAddress } from "./configuration.js";
import { bind, type CompiledStatement, compile, insertion, type Statement } from "./statements.js";
import type { Binding, Table } from "./tables.js";

/** What a connection is for: a change of the schema may take its time. */
export type ConnectionPurpose = "write" | "read" | "migrate";

/** What a connection needs of its driver. All methods throw StorageError. */
export interface Driver {
  readonly knex: Knex;
  /** Runs a query and gives its rows. `prepared` is the same object at each run of the same statement. */
  select(prepared: CompiledStatement, bindings: Binding[]): Promise<Record<string, unknown>[]>;
  /** Runs a statement and gives the number of rows it changed. */
  run(prepared: CompiledStatement, bindings: Binding[]): Promise<number>;
  /** Runs a command without values: begin, commit, a savepoint. */
  command(sql: string): Promise<void>;
  close(): Promise<void>;
}

// Rows of one INSERT: few different numbers, so that few statements stay prepared.
const insertSizes = [64, 32, 16, 8, 4, 2, 1] as const;

/** One connection to the database, with the statements prepared on it. It does what it is asked in the order asked. */
export class Connection {
  readonly driver: Driver;
  /** Where the database is; undefined for a file. */
  readonly address: DatabaseAddress | undefined;
  readonly #compiled = new WeakMap<Statement, CompiledStatement>();

  constructor(driver: Driver, address?: DatabaseAddress) {
    this.driver = driver;
    this.address = address;
  }

  /** The rows of a query, as selected. */
  select(statement: Statement, values: readonly Binding[]): Promise<Record<string, unknown>[]> {
    const compiled = this.#compile(statement);
    return this.driver.select(compiled, bind(compiled, values));
  }

  /** All rows of a query over one table, selected with Table.selection. */
  async rows<Row>(table: Table<Row>, statement: Statement, values: readonly Binding[]): Promise<Row[]> {
    const selected = await this.select(statement, values);
    return selected.map((row) => table.row(row));
  }

  /** The first row of such a query, or null. */
  async row<Row>(table: Table<Row>, statement: Statement, values: readonly Binding[]): Promise<Row | null> {
    const [first] = await this.select(statement, values);
    return first === undefined ? null : table.row(first);
  }

  /** Runs a statement; the number of rows it changed. */
  run(statement: Statement, values: readonly Binding[]): Promise<number> {
    const compiled = this.#compile(statement);
    return this.driver.run(compiled, bind(compiled, values));
  }

  /** Inserts rows with as few statements as may be. */
  async insert<Row>(table: Table<Row>, rows: readonly Row[]): Promise<void> {
    let next = 0;
    for (const size of insertSizes) {
      for (; rows.length - next >= size; next += size) {
        const values = rows.slice(next, next + size).flatMap((row) => table.bindings(row));
        await this.run(insertion(table, size), values);
      }
    }
  }

  command(sql: string): Promise<void> {
    return this.driver.command(sql);
  }

  close(): Promise<void> {
    return this.driver.close();
  }

  #compile(statement: Statement): CompiledStatement {
    const known = this.#compiled.get(statement);
    if (known !== undefined) return known;
    const compiled = compile(this.driver.knex, statement);
    this.#compiled.set(statement, compiled);
    return compiled;
  }
}
