/** One measurement of something over time. */
export interface Point {
  readonly seconds: number;
  readonly value: number;
}

/** How something grows, and how well that is known. */
export interface Slope {
  /** In its unit an hour. */
  readonly hourly: number;
  /** So much more or less it may be, 19 times in 20. */
  readonly uncertainty: number;
}

/** Groups of measurements, and the factor of Student's distribution for as many: 8 degrees of freedom, 95 %, both sides. */
const groups = 10;
const student = 2.306;

/** Fewest measurements of a group. */
const fewestOfGroup = 3;

/**
 * The slope of the straight line through the measurements, by least squares. What is measured wanders, so that a measurement
 * says little that the one before has not said, and now and then jumps up: the line and its uncertainty are those of the
 * middle values of ten groups that follow each other. The uncertainty is infinite where the measurements are too few.
 */
export function slopeOf(points: readonly Point[]): Slope {
  const size = Math.floor(points.length / groups);
  if (size < fewestOfGroup) return { hourly: Number.NaN, uncertainty: Number.POSITIVE_INFINITY };
  const late = points.slice(points.length - size * groups);
  const middles = Array.from({ length: groups }, (_, group) => {
    const some = late.slice(group * size, (group + 1) * size);
    return { hours: mean(some.map(({ seconds }) => seconds)) / 3600, value: middleOf(some.map(({ value }) => value)) };
  });
  const hour = mean(middles.map(({ hours }) => hours));
  const level = mean(middles.map(({ value }) => value));
  const spread = sum(middles.map(({ hours }) => (hours - hour) ** 2));
  const hourly = sum(middles.map(({ hours, value }) => (hours - hour) * (value - level))) / spread;
  const rest = sum(middles.map(({ hours, value }) => (value - level - hourly * (hours - hour)) ** 2));
  return { hourly, uncertainty: student * Math.sqrt(rest / (groups - 2) / spread) };
}

/** What a slope says of something that may grow by so much an hour. */
export function flatness({ hourly, uncertainty }: Slope, allowed: number): "flat" | "growing" | "unclear" {
  if (hourly - uncertainty > allowed) return "growing";
  // What falls may hide what grows by as much.
  return hourly + uncertainty <= allowed && hourly - uncertainty >= -allowed ? "flat" : "unclear";
}

/** A slope with its uncertainty. */
export function slopeText({ hourly, uncertainty }: Slope): string {
  return `${hourly.toFixed(1)} ± ${uncertainty.toFixed(1)}`;
}

/** Zero for none. */
export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** The middle one of some numbers, the lower one of two. */
export function middleOf(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor((numbers.length - 1) / 2)] ?? Number.NaN;
}

function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}
