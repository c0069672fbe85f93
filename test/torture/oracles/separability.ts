/** How well a simple classifier tells two classes apart by one number: trained on one half, tried on the other. */

/** Bins that the numbers fall into, by quantiles of the half trained on. */
const bins = 16;

/** Every second number from the first on, or from the second. */
function half(numbers: readonly number[], first: 0 | 1): readonly number[] {
  return numbers.filter((_, index) => index % 2 === first);
}

function binOf(number: number, bounds: readonly number[]): number {
  let bin = 0;
  while (bin < bounds.length && number > (bounds[bin] ?? 0)) bin += 1;
  return bin;
}

function counted(numbers: readonly number[], bounds: readonly number[]): readonly number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const number of numbers) {
    const bin = binOf(number, bounds);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** What trying a classifier came to. */
export interface Separability {
  /** Of the half tried on, how much was put into the right class: 0.5 is chance. */
  readonly accuracy: number;
  /** Three standard errors of an accuracy of 0.5 with so many numbers: what chance gives once in a thousand. */
  readonly chance: number;
}

/**
 * Trains on every second number of two classes, which must be as many, and tries on the others. Each bin says the class that
 * was more frequent in it; a bound below and above which the classes differ is one case of that.
 */
export function separability(one: readonly number[], other: readonly number[]): Separability {
  const trained = [half(one, 0), half(other, 0)] as const;
  const tried = [half(one, 1), half(other, 1)] as const;
  const sorted = [...trained[0], ...trained[1]].sort((first, second) => first - second);
  const bounds = Array.from(
    { length: bins - 1 },
    (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / bins)] ?? 0,
  );
  const [seenOne, seenOther] = [counted(trained[0], bounds), counted(trained[1], bounds)];
  const saysOne = (number: number): boolean => {
    const bin = binOf(number, bounds);
    return (seenOne[bin] ?? 0) >= (seenOther[bin] ?? 0);
  };
  const right = tried[0].filter(saysOne).length + tried[1].filter((number) => !saysOne(number)).length;
  const all = tried[0].length + tried[1].length;
  return { accuracy: right / all, chance: (3 * 0.5) / Math.sqrt(all) };
}

/** Welch's t of two classes of numbers, without the slowest twentieth of both, which is what else the machine does. */
export function welch(one: readonly number[], other: readonly number[]): number {
  const sorted = [...one, ...other].sort((first, second) => first - second);
  const most = sorted[Math.floor(sorted.length * 0.95)] ?? Number.POSITIVE_INFINITY;
  const [first, second] = [moments(one, most), moments(other, most)];
  return (first.mean - second.mean) / Math.sqrt(first.variance / first.count + second.variance / second.count);
}

function moments(numbers: readonly number[], most: number) {
  let count = 0;
  let mean = 0;
  let squares = 0;
  for (const number of numbers) {
    if (number > most) continue;
    count += 1;
    const difference = number - mean;
    mean += difference / count;
    squares += difference * (number - mean);
  }
  return { count, mean, variance: squares / Math.max(1, count - 1) };
}
