// The place where runs wait for their turn: a browser keeps few connections to one server, and others need some too.
/** Of the six connections HTTP/1.1 gives a page, one is left for saving, stopping and everything else. */
const MOST_AT_ONCE = 5;

export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#free = most;
  }

  /** Resolves when it is the caller's turn, to what ends it; to undefined when `signal` is aborted before. */
  take(signal: AbortSignal): Promise<(() => void) | undefined> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(undefined);
      if (this.#free > 0) {
        this.#free -= 1;
        return resolve(this.#end());
      }
      const begin = () => {
        signal.removeEventListener("abort", leave);
        resolve(this.#end());
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        resolve(undefined);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(begin);
    });
  }

  #end(): () => void {
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    };
  }
}

export const turns = new Turns(MOST_AT_ONCE);
