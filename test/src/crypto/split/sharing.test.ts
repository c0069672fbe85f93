import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import t from "tap";
import { type BinaryField, bytesField, pairsField, type Reduction } from "#src/crypto/split/binary-field.js";
import { binaryPolynomials } from "#src/crypto/split/binary-polynomials.js";
import { exclusiveOr } from "#src/crypto/split/exclusive-or.js";
import { primePolynomials } from "#src/crypto/split/prime-polynomials.js";
import type { Share, Sharing } from "#src/crypto/split/sharing.js";

const reductions: readonly Reduction[] = [283, 285];
const mersenne = 2n ** 521n - 1n;

const fields: readonly { readonly name: string; readonly field: BinaryField }[] = reductions.flatMap((reduction) => [
  { name: `GF(2^8), polynomial ${reduction}`, field: bytesField(reduction) },
  { name: `GF(2^16), polynomial ${reduction}`, field: pairsField(reduction) },
]);

const sharings: readonly { readonly name: string; readonly sharing: Sharing }[] = [
  ...fields.map(({ name, field }) => ({ name, sharing: binaryPolynomials(field) })),
  { name: "a prime field", sharing: primePolynomials(mersenne) },
];

/** Numbered shares. */
function numbered(values: readonly Buffer[]): Share[] {
  return values.map((value, index) => ({ part: index + 1, value }));
}

interface Split {
  readonly secret: Buffer;
  readonly parts: number;
  readonly threshold: number;
  readonly shuffled: readonly Share[];
}

/** A random secret with its shares in a random order. */
function splitting(sharing: Sharing): fc.Arbitrary<() => Promise<Split>> {
  return fc
    .record({
      bytes: fc.uint8Array({ minLength: 1, maxLength: 32 }),
      parts: fc.integer({ min: 2, max: 12 }),
      cut: fc.nat(),
      seed: fc.uint8Array({ minLength: 2000, maxLength: 2000 }),
      order: fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
    })
    .map(({ bytes, parts, cut, seed, order }) => async () => {
      const secret = Buffer.from(bytes);
      const threshold = 2 + (cut % (parts - 1));
      const random = Buffer.from(seed.subarray(0, sharing.randomLength(secret.length, parts, threshold)));
      const shares = numbered(await sharing.split(secret, { parts, threshold }, random));
      const shuffled = [...shares].sort((a, b) => (order[a.part - 1] ?? 0) - (order[b.part - 1] ?? 0));
      return { secret, parts, threshold, shuffled };
    });
}

/** What is joined without the zeros that fill elements up, before (numbers) or behind (pieces). */
function begins(joined: Buffer | null, secret: Buffer, isNumber: boolean): boolean {
  if (joined === null) return false;
  return isNumber
    ? joined.subarray(joined.length - secret.length).equals(secret) &&
        joined.subarray(0, joined.length - secret.length).every((byte) => byte === 0)
    : joined.subarray(0, secret.length).equals(secret);
}

for (const { name, field } of fields) {
  t.test(`multiplication in ${name} is a field's`, async () => {
    const top = 2 ** (8 * field.elementLength) - 1;
    const element = fc.integer({ min: 0, max: top });
    fc.assert(
      fc.property(element, element, element, (a, b, c) => {
        const { multiply, inverse } = field;
        return (
          multiply(a, b) === multiply(b, a) &&
          multiply(multiply(a, b), c) === multiply(a, multiply(b, c)) &&
          multiply(a, b ^ c) === (multiply(a, b) ^ multiply(a, c)) &&
          multiply(a, 1) === a &&
          (a === 0 ? inverse(a) === 0 : multiply(a, inverse(a)) === 1)
        );
      }),
    );
  });
}

t.test("products in GF(2^8) with polynomial 283 are those FIPS 197 shows", async (t) => {
  const { multiply } = bytesField(283);
  t.equal(multiply(0x57, 0x83), 0xc1);
  t.equal(multiply(0x57, 0x13), 0xfe);
});

t.test("the parts that the test cases of the specification publish give their key back, any two of them", async (t) => {
  const published = [
    "66C46A7754F94DE420C7B1A7FFF5EC56",
    "CF93D1E2A7E593CD5B8D6247F4E5D49C",
    "A855B891F61AD9217240D8EC061E37DA",
    "803DBAD55CDD329FAD19D99AE2C5A415",
  ].map((value) => Buffer.from(value, "hex"));
  const shares = numbered(published);
  const sharing = binaryPolynomials(bytesField(285));
  const key = Buffer.from("0102030405060708090A0B0C0D0E0F10", "hex");
  for (const one of shares) {
    for (const other of shares.filter(({ part }) => part !== one.part)) {
      t.same(await sharing.join([one, other], 2), key);
    }
  }
  t.same(await sharing.join(shares, 2), key);
});

for (const { name, sharing } of sharings) {
  const isNumber = name === "a prime field";

  t.test(`with ${name} any threshold of the parts gives the secret back, in any order`, async () => {
    await fc.assert(
      fc.asyncProperty(splitting(sharing), async (split) => {
        const { secret, threshold, shuffled } = await split();
        return begins(await sharing.join(shuffled.slice(0, threshold), threshold), secret, isNumber);
      }),
      { numRuns: 40 },
    );
  });

  t.test(`with ${name} fewer parts than the threshold are refused`, async () => {
    await fc.assert(
      fc.asyncProperty(splitting(sharing), async (split) => {
        const { threshold, shuffled } = await split();
        return (await sharing.join(shuffled.slice(0, threshold - 1), threshold)) === null;
      }),
      { numRuns: 20 },
    );
  });

  t.test(`with ${name} an altered part among more than the threshold is noticed`, async () => {
    await fc.assert(
      fc.asyncProperty(splitting(sharing), fc.nat(), async (split, which) => {
        const { threshold, parts, shuffled } = await split();
        fc.pre(parts > threshold);
        const altered = shuffled.map((share, index) => {
          if (index !== which % shuffled.length) return share;
          const value = Buffer.from(share.value);
          value[value.length - 1] = (value.at(-1) ?? 0) ^ 1;
          return { part: share.part, value };
        });
        return (await sharing.join(altered, threshold)) === null;
      }),
      { numRuns: 20 },
    );
  });

  t.test(`with ${name} fewer parts fit every secret`, async (t) => {
    const threshold = 3;
    const counts = { parts: 3, threshold };
    const first = Buffer.from("one secret here!");
    const random = Buffer.alloc(sharing.randomLength(16, 3, threshold), 7);
    const known = (await sharing.split(first, counts, random)).slice(0, 2);
    const other = Buffer.alloc(known[0]?.length ?? 0);
    Buffer.from("quite another 1!").copy(other, isNumber ? other.length - 16 : 0);
    const through = [{ part: 0, value: other }, ...numbered(known)];
    const third = { part: 3, value: await interpolated(sharing, through) };
    t.same(await sharing.join([...numbered(known), third], threshold), other);
  });
}

/** The third share that goes with two known ones and a secret of choice: found by joining with places moved. */
async function interpolated(sharing: Sharing, points: readonly Share[]): Promise<Buffer> {
  // Joining gives the value at 0; moved by 3 (exclusive or, or modulo the prime) that is the value at 3.
  const moved = points.map(({ part, value }) => ({
    part: sharing.longestSecret === undefined ? part ^ 3 : part - 3,
    value,
  }));
  const joined = await sharing.join(moved, points.length);
  if (joined === null) throw new RangeError("three points make a polynomial of degree 2");
  return joined;
}

t.test("with exclusive or all parts are needed, and all of them give the secret", async () => {
  const bytesOfAnyLength = fc.uint8Array({ minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(bytesOfAnyLength, fc.integer({ min: 2, max: 9 }), async (bytes, parts) => {
      const secret = Buffer.from(bytes);
      const random = Buffer.alloc(exclusiveOr.randomLength(secret.length, parts, parts), 0x5c);
      const shares = numbered(await exclusiveOr.split(secret, { parts, threshold: parts }, random));
      const joined = await exclusiveOr.join(shares, parts);
      return joined?.equals(secret) === true && (await exclusiveOr.join(shares.slice(1), parts)) === null;
    }),
    { numRuns: 40 },
  );
});

t.test("the random bytes are zeroed, and parts of different lengths are refused", async (t) => {
  for (const { sharing } of [...sharings, { sharing: exclusiveOr }]) {
    const random = Buffer.alloc(sharing.randomLength(4, 2, 2), 1);
    await sharing.split(Buffer.from("key!"), { parts: 2, threshold: 2 }, random);
    t.ok(random.every((byte) => byte === 0));
  }
  const uneven = [
    { part: 1, value: Buffer.alloc(4) },
    { part: 2, value: Buffer.alloc(6) },
  ];
  t.equal(await exclusiveOr.join(uneven, 2), null);
  t.equal(await binaryPolynomials(bytesField(285)).join(uneven, 2), null);
  t.equal(await binaryPolynomials(pairsField(285)).join([{ part: 1, value: Buffer.alloc(3) }], 1), null);
});

t.test("many parts are split and joined in steps between which others have their turn", async (t) => {
  for (const { name, sharing } of sharings) {
    const counts = { parts: 200, threshold: 90 };
    let turns = 0;
    let isDone = false;
    const others = (async () => {
      for (; !isDone; turns += 1) await setImmediate();
    })();
    const secret = Buffer.alloc(64, 0x17);
    const random = Buffer.alloc(sharing.randomLength(64, 200, 90), 0x35);
    const shares = numbered(await sharing.split(secret, counts, random));
    const joined = await sharing.join(shares, 90);
    isDone = true;
    await others;
    t.ok(begins(joined, secret, name === "a prime field"), name);
    t.ok(turns > 10, `${name}: ${turns} turns`);
  }
});
