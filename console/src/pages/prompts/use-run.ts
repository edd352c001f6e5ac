// The place where a run meets the screen: events as they come, painted at most once a frame.
import { useCallback, useEffect, useRef, useState } from "react";
import { stream } from "@/api/stream";
import { after, begun, IDLE, type Run } from "./run";

/** For how long a run waits for a page whose connection broke. */
const RESUMABLE_S = 15;

export interface Runner {
  run: Run;
  start: (path: string, body: object) => void;
  stop: () => void;
}

/** One run at a time; a new one, and leaving the page, stop the one before. */
export function useRun(): Runner {
  const [run, show] = useState<Run>(IDLE);
  const stopper = useRef<AbortController>(null);

  const stop = useCallback(() => stopper.current?.abort(), []);
  const start = useCallback((path: string, body: object) => {
    stopper.current?.abort();
    const mine = new AbortController();
    stopper.current = mine;
    void follow(path, body, mine.signal, (now) => {
      if (stopper.current === mine) show(now);
    });
  }, []);

  useEffect(() => {
    const leave = () => stopper.current?.abort();
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, []);
  return { run, start, stop };
}

async function follow(path: string, body: object, signal: AbortSignal, show: (run: Run) => void): Promise<void> {
  let run = begun(performance.now());
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
