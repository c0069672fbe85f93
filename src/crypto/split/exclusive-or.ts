import { haveOneLength, type Sharing } from "./sharing.js";

function addInto(sum: Buffer, value: Buffer): void {
  for (let place = 0; place < sum.length; place += 1) sum[place] = (sum[place] ?? 0) ^ (value[place] ?? 0);
}

/** Splitting by exclusive or: all parts are needed, so that the threshold is the number of parts. */
export const exclusiveOr: Sharing = {
  mostParts: Number.MAX_SAFE_INTEGER,
  longestSecret: undefined,
  randomLength: (secretLength, parts) => secretLength * (parts - 1),
  async split(secret, { parts }, random) {
    const last = Buffer.from(secret);
    const values = Array.from({ length: parts - 1 }, (_, index) => {
      const value = Buffer.from(random.subarray(index * secret.length, (index + 1) * secret.length));
      addInto(last, value);
      return value;
    });
    random.fill(0);
    return [...values, last];
  },
  async join(shares, threshold) {
    const [first] = shares;
    if (first === undefined || shares.length !== threshold || !haveOneLength(shares)) return null;
    const secret = Buffer.alloc(first.value.length);
    for (const { value } of shares) addInto(secret, value);
    return secret;
  },
};
