import fc from "fast-check";
import t from "tap";
import { verifiedTpmQuote } from "#src/access/tpm-quote.js";
import { makeTpm } from "#test/support/tpm.js";

const nonce = Buffer.alloc(32, 7);
const digest = Buffer.alloc(32, 9);

for (const keyType of ["rsa", "ec"] as const) {
  const tpm = makeTpm(keyType);

  t.test(
    `a quote under an attestation key of type ${keyType} gives its nonce and the digest of the registers`,
    async (t) => {
      t.same(verifiedTpmQuote(tpm.quote(nonce, digest), tpm.publicKey), { nonce, registerDigest: digest });
    },
  );

  t.test(`a quote under another key of type ${keyType} is none`, async (t) => {
    t.equal(verifiedTpmQuote(makeTpm(keyType).quote(nonce, digest), tpm.publicKey), undefined);
  });
}

t.test("a quote with any byte changed, cut or appended is none", async (t) => {
  const tpm = makeTpm();
  const quote = tpm.quote(nonce, digest);
  fc.assert(
    fc.property(fc.nat(quote.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
      const altered = Buffer.from(quote);
      altered[place] = (altered[place] ?? 0) ^ change;
      return verifiedTpmQuote(altered, tpm.publicKey) === undefined;
    }),
    { numRuns: 500 },
  );
  t.equal(verifiedTpmQuote(quote.subarray(0, -1), tpm.publicKey), undefined);
  t.equal(verifiedTpmQuote(Buffer.concat([quote, Buffer.alloc(1)]), tpm.publicKey), undefined);
});

t.test("bytes that are no quote are none, whatever they are", async (t) => {
  const tpm = makeTpm("rsa");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      return verifiedTpmQuote(Buffer.from(bytes), tpm.publicKey) === undefined;
    }),
    { numRuns: 2000 },
  );
  t.equal(verifiedTpmQuote(Buffer.alloc(100_000), tpm.publicKey), undefined);
});
