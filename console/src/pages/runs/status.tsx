// How a run ended, as a dot and a word.
import type { RunStatus } from "@/api/records";
import { cn } from "@/parts/cn";
import { useText } from "@/text/text";

const DOTS: Record<RunStatus, string> = {
  running: "bg-blue",
  done: "bg-green",
  failed: "bg-red",
  cancelled: "bg-faint",
  lost: "bg-amber",
};

export function Status({ status }: { status: RunStatus }) {
  const say = useText();
  return (
    <span data-status={status} className="flex items-center gap-2">
      <span aria-hidden className={cn("size-1.5 shrink-0 rounded-full", DOTS[status])} />
      {say(`runs.status.${status}`)}
    </span>
  );
}
