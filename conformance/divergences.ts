import { readFileSync } from "node:fs";

/** The cases that are known not to pass, by version. */
export class Divergences {
  private readonly rows: ReadonlyMap<string, string>;

  private constructor(rows: ReadonlyMap<string, string>) {
    this.rows = rows;
  }

  /** None at all, as for another server than this one. */
  static readonly none = new Divergences(new Map());

  /** Reads the table of docs/divergences.md: `| CASES (VERSIONS) | what they show | what the specification says |`. */
  static read(path: string): Divergences {
    const rows = new Map<string, string>();
    for (const line of readFileSync(path, "utf8").split("\n")) {
      const [, cases = "", , reason = ""] = line.split("|").map((cell) => cell.trim());
      for (const [, names = "", versions = ""] of cases.matchAll(/([A-Z][A-Z0-9, -]*) \(([\d., to]+)\)/g)) {
        for (const version of versionsIn(versions)) {
          for (const name of names.split(", ")) rows.set(keyOf(version, name), reason);
        }
      }
    }
    return new Divergences(rows);
  }

  /** Why a case is known not to pass; undefined where it must. `name` is that of the file: "TC-142-11". */
  reasonFor(version: string, name: string): string | undefined {
    return this.rows.get(keyOf(version, name.replace(/-\d\d$/, "")));
  }
}

const keyOf = (version: string, name: string): string => `${version} ${name}`;

const allVersions = ["1.0", "1.1", "1.2", "1.3", "1.4", "2.0", "2.1"];

/** "1.0", "1.1, 1.2" or "1.0 to 1.2". */
function versionsIn(text: string): readonly string[] {
  return text.split(",").flatMap((part) => {
    const [first = "", last = first] = part.trim().split(" to ");
    return allVersions.filter((version) => version >= first && version <= last);
  });
}
