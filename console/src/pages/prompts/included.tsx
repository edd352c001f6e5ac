// The snippets a text includes: what each stands for, and the way to it.
import { Link } from "@tanstack/react-router";
import { Puzzle } from "lucide-react";
import { useText } from "@/text/text";
import type { Findings } from "./findings";

export function Included({ findings: { reply }, message }: { findings: Findings; message: number }) {
  const say = useText();
  const named = (reply?.snippets ?? []).filter(({ span }) => span.message === message);
  const each = [...new Map(named.map((it) => [`${it.key}@${it.version ?? ""}`, it])).values()];
  if (each.length === 0) return null;
  return (
    <ul aria-label={say("snippets.included")} className="mt-2 flex flex-wrap gap-1.5">
      {each.map(({ key, version, stands_for }) => (
        <li key={`${key}@${version ?? ""}`}>
          {stands_for === undefined ? (
            <span className="inline-flex h-6 items-center gap-1.5 rounded-md bg-red-wash px-2 font-mono text-[11.5px] text-red">
              <Puzzle className="size-3" /> {key} {say("snippets.unknown")}
            </span>
          ) : (
            <Link
              to="/prompts/$key"
              params={{ key }}
              title={say(version === undefined ? "snippets.floats" : "snippets.pinned", { version: stands_for })}
              className="inline-flex h-6 items-center gap-1.5 rounded-md bg-blue-wash px-2 font-mono text-[11.5px] text-blue hover:underline"
            >
              <Puzzle className="size-3" /> {key}
              <span className="opacity-60">{version === undefined ? `→ ${stands_for}` : `@${version}`}</span>
            </Link>
          )}
        </li>
      ))}
    </ul>
  );
}
