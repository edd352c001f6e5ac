// From an answer to what is kept of it: its run and its trace.
import { Link } from "@tanstack/react-router";
import { useText } from "@/text/text";
import type { Run } from "../prompts/run";

export function RunLinks({ run }: { run: Run }) {
  const say = useText();
  const trace = run.start?.trace_id ?? run.error?.trace_id;
  if (!trace || run.phase === "running") return null;
  const link = "underline decoration-edge underline-offset-4 hover:text-ink";
  return (
    <span className="flex items-center gap-3 text-faint text-xs">
      {run.start && (
        <Link to="/runs/$id" params={{ id: run.start.run_id }} className={link}>
          {say("runs.run")}
        </Link>
      )}
      <Link to="/traces/$id" params={{ id: trace }} className={link} title={trace}>
        {say("run.trace")} <span className="font-mono">{trace.slice(0, 8)}</span>
      </Link>
    </span>
  );
}
