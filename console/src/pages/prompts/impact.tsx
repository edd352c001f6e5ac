// Who includes a snippet: what a change of it changes.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { impact } from "@/api/authoring";
import { useText } from "@/text/text";

export function Impact({ promptKey }: { promptKey: string }) {
  const say = useText();
  const { data: uses } = useQuery({
    queryKey: ["prompts", promptKey, "impact"],
    queryFn: ({ signal }) => impact(promptKey, signal),
  });
  if (!uses) return null;
  return (
    <section aria-label={say("impact.title")} className="mt-8">
      <h2 className="eyebrow mb-2">{say("impact.title")}</h2>
      {uses.length === 0 && <p className="text-[13px] text-faint">{say("impact.none")}</p>}
      <ul>
        {uses.map(({ key, name, version, labels, through, pinned }) => (
          <li
            key={`${key}@${version ?? ""}`}
            className="flex flex-wrap items-baseline gap-x-3 border-line border-t py-2 text-[13px]"
          >
            <Link to="/prompts/$key" params={{ key }} className="hover:underline">
              {name || key}
            </Link>
            <span className="font-mono text-[12px] text-soft">{version ?? say("impact.draft")}</span>
            {(labels ?? []).map((label) => (
              <span key={label} className="rounded bg-blue-wash px-1.5 font-mono text-[11.5px] text-blue">
                {label}
              </span>
            ))}
            <span className="ml-auto text-faint">
              {(through ?? []).length > 0 && `${say("impact.through", { keys: (through ?? []).join(" → ") })} · `}
              {pinned === undefined ? say("impact.floats") : say("impact.pinned", { version: pinned })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
