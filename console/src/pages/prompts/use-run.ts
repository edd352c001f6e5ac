// The place where a run meets the screen: events as they come, painted at most once a frame.
import { useCallback, useEffect, useRef, useState } from "react";
import { stream } from "@/api/stream";
import { after, begun, IDLE, isActive, QUEUED, type Round, type Run } from "./run";
import { turns } from "./turns";

/** For how long a run waits for a page whose connection broke. */
const RESUMABLE_S = 15;

export interface Runner {
  run: Run;
  /** `rounds`: what was said before, when a run goes on. */
  start: (path: string, body: object, rounds?: readonly Round[]) => void;
  stop: () => void;
  /** Forget the run. */
  clear: () => void;
}

/** One run at a time; a new one, and leaving the page, stop the one before. */
export function useRun(): Runner {
  const [run, show] = useState<Run>(IDLE);
  const stopper = useRef<AbortController>(null);

  const stop = useCallback(() => stopper.current?.abort(), []);
  const start = useCallback((path: string, body: object, rounds?: readonly Round[]) => {
    stopper.current?.abort();
    const mine = new AbortController();
    stopper.current = mine;
    void follow(
      path,
      body,
      mine.signal,
      (now) => {
        if (stopper.current === mine) show(now);
      },
      rounds,
    );
  }, []);

  const clear = useCallback(() => {
    stopper.current?.abort();
    stopper.current = null;
    show(IDLE);
  }, []);
  useLeaving(stop);
  return { run, start, stop, clear };
}

export interface Runners {
  runs: readonly Run[];
  /** Run the same `count` times, each when it is its turn. */
  start: (count: number, path: string, body: object) => void;
  /** Run the one at a place again. */
  again: (at: number, path: string, body: object) => void;
  stop: () => void;
  /** Whether one of them has not ended. */
  active: boolean;
}

/** Several runs at a time, which are stopped together. */
export function useRuns(): Runners {
  const [runs, show] = useState<readonly Run[]>([]);
  const stoppers = useRef<AbortController[]>([]);

  const again = useCallback((at: number, path: string, body: object) => {
    stoppers.current[at]?.abort();
    const mine = new AbortController();
    stoppers.current[at] = mine;
    void follow(path, body, mine.signal, (now) => {
      if (stoppers.current[at] === mine) show((all) => (at < all.length ? all.with(at, now) : all));
    });
  }, []);
  const stop = useCallback(() => {
    for (const stopper of stoppers.current) stopper.abort();
  }, []);
  const start = useCallback(
    (count: number, path: string, body: object) => {
      stop();
      stoppers.current = [];
      show(Array<Run>(count).fill(QUEUED));
      for (let at = 0; at < count; at++) again(at, path, body);
    },
    [again, stop],
  );

  useLeaving(stop);
  return { runs, start, again, stop, active: runs.some(isActive) };
}

/** Stop when the page goes away. */
function useLeaving(stop: () => void): void {
  useEffect(() => {
    window.addEventListener("pagehide", stop);
    return () => {
      window.removeEventListener("pagehide", stop);
      stop();
    };
  }, [stop]);
}

/** Run when it is our turn, and show how it goes; until then nothing is asked and no clock runs. */
async function follow(
  path: string,
  body: object,
  signal: AbortSignal,
  show: (run: Run) => void,
  rounds: readonly Round[] = [],
): Promise<void> {
  show({ ...QUEUED, rounds });
  const end = await turns.take(signal);
  if (!end) return show(IDLE);
  try {
    await read(path, body, signal, show, rounds);
  } finally {
    end();
  }
}

async function read(
  path: string,
  body: object,
  signal: AbortSignal,
  show: (run: Run) => void,
  rounds: readonly Round[],
): Promise<void> {
  let run = begun(performance.now(), rounds);
  let frame: number | undefined;
  const paint = () => {
    frame = undefined;
    show(run);
  };
  show(run);
  for await (const event of stream(path, body, { signal, resumableS: RESUMABLE_S })) {
    run = after(run, event, performance.now());
    frame ??= requestAnimationFrame(paint);
  }
  // A page in the background paints no frames; the end is shown all the same.
  if (frame !== undefined) cancelAnimationFrame(frame);
  paint();
}
