/** How often is looked within the deadline of a call. */
const LOOKS = 10;

/** Has somebody look again and again, from when it is started until it is stopped. */
export class Watchdog {
  readonly #everyMilliseconds: number;
  readonly #look: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `deadline` is that of a call, in milliseconds. */
  constructor(deadline: number, look: () => void) {
    this.#everyMilliseconds = deadline / LOOKS;
    // Answers that came while this process was held up are read before anybody looks whether they are late.
    this.#look = () => setImmediate(look);
  }

  /** Begins, unless it has begun. */
  start(): void {
    this.#timer ??= setInterval(this.#look, this.#everyMilliseconds).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
