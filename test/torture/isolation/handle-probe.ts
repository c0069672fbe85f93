/**
 * A process as the worker of a partition is one: started with the module and the configuration of one token, it tries
 * handles. Prints what it found as one line of JSON.
 */
import { loadModule } from "#src/crypto/pkcs11/worker/loading.js";
import { Token } from "#src/crypto/pkcs11/worker/token.js";
import { randomFrom } from "./choosing.js";

/** What the process is told. */
export interface ProbeOrder {
  readonly module: string;
  readonly label: string;
  readonly pin: string;
  readonly handles: number;
  readonly seed: number;
}

/** What it found. */
export interface Probed {
  readonly tokens: number;
  /** Values of CKA_ID and CKA_LABEL of all objects of its own token, in hexadecimal digits. */
  readonly own: readonly string[];
  readonly tried: number;
  /** The same of every object that a tried handle hit. */
  readonly hits: readonly string[];
}

/** CKA_LABEL, CKA_ID, and CKF_TOKEN_INITIALIZED: SoftHSM shows a slot more, with a token to be made. */
const label = 0x3;
const identifier = 0x102;
const initialised = 0x400;
/** Handles of SoftHSM are small numbers that count up. */
const smallest = 5000n;

function probe({ module: path, label: name, pin, handles, seed }: ProbeOrder): Probed {
  const module = loadModule({ path });
  const login = { pin: Buffer.from(pin), refusedBefore: false, profile: undefined, root: false };
  const token = new Token(module, { label: name, serial: "" }, login);
  const nameOf = (handle: Buffer): string =>
    token
      .attributes(handle, [identifier, label])
      .map((value) => value.toString("hex"))
      .join(" ");
  const own = token.find([]);
  const random = randomFrom(seed);
  const beside = own.flatMap((handle) =>
    [-3n, -2n, -1n, 0n, 1n, 2n, 3n].map((step) => handle.readBigUInt64LE() + step),
  );
  const tried = [...beside, ...Array.from({ length: Number(smallest) }, (_each, number) => BigInt(number))];
  while (tried.length < handles)
    tried.push((BigInt(Math.floor(random() * 2 ** 32)) << 32n) + BigInt(Math.floor(random() * 2 ** 32)));
  const hits: string[] = [];
  for (const number of tried) {
    const handle = Buffer.alloc(8);
    handle.writeBigUInt64LE(BigInt.asUintN(64, number));
    try {
      hits.push(nameOf(handle));
    } catch {
      // The module knows no object by this handle, as it should.
    }
  }
  const tokens = module.C_GetSlotList(true).filter((slot) => (module.C_GetTokenInfo(slot).flags & initialised) !== 0);
  return { tokens: tokens.length, own: own.map(nameOf), tried: tried.length, hits };
}

process.stdout.write(`${JSON.stringify(probe(JSON.parse(process.argv[2] ?? "{}") as ProbeOrder))}\n`);
