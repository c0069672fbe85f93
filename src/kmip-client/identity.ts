import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a client shows and trusts, in PEM. */
export interface ClientFiles {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

/** The names of the files in the folder that `keyreeve client issue` writes. */
const fileNames: Readonly<Record<keyof ClientFiles, string>> = {
  certificate: "client.crt",
  key: "client.key",
  authority: "ca.crt",
};

/** The files of a client as `keyreeve client issue` writes them. Throws an Error that says what is missing. */
export function readClientFiles(folder: string): ClientFiles {
  const read = (file: string): string => {
    try {
      return readFileSync(join(folder, file), "utf8");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${folder} holds no files of a client as "keyreeve client issue" writes them: ${reason}`);
    }
  };
  const { certificate, key, authority } = fileNames;
  return { certificate: read(certificate), key: read(key), authority: read(authority) };
}
