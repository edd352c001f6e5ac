// An answer that is JSON, as a tree that grows while it is written, and whether it fits its schema.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { checkSchema } from "@/api/tools";
import { type Node, partial } from "@/json/partial";
import { useText } from "@/text/text";

export function JsonAnswer({ text, shape, running }: { text: string; shape: unknown; running: boolean }) {
  const say = useText();
  const { node, bad } = partial(text);
  return (
    <div data-json className="mb-5 rounded-lg border border-line bg-sheet px-4 py-3 font-mono text-[12.5px] leading-6">
      {node && <Tree node={node} />}
      {bad !== undefined && <p className="mt-1 font-sans text-red text-xs">{say("json.stops", { at: bad })}</p>}
      {!running && <Verdict text={text} shape={shape} />}
    </div>
  );
}

function Tree({ node }: { node: Node }) {
  const open = node.open && <Open />;
  switch (node.kind) {
    case "object":
      return <Members ends="{}" open={open} rows={node.members.map(([name, member]) => [`${name}: `, member])} />;
    case "array":
      return <Members ends="[]" open={open} rows={node.items.map((item) => ["", item])} />;
    case "string":
      return (
        <span className="whitespace-pre-wrap break-words text-green">
          {JSON.stringify(node.text).slice(0, node.open ? -1 : undefined)}
          {open}
        </span>
      );
    default:
      return (
        <span className="text-amber">
          {node.text}
          {open}
        </span>
      );
  }
}

function Members({ ends, open, rows }: { ends: string; open: ReactNode; rows: (readonly [string, Node])[] }) {
  return (
    <>
      <span className="text-faint">{ends[0]}</span>
      {rows.map(([name, member], at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: members are only ever added at the end.
        <div key={at} className="pl-5">
          <span className="text-blue">{name}</span>
          <Tree node={member} />
        </div>
      ))}
      {open || <span className="text-faint">{ends[1]}</span>}
    </>
  );
}

/** What is still being written. */
function Open() {
  const say = useText();
  return (
    <span data-open title={say("json.open")} className="text-blue">
      …
    </span>
  );
}

function Verdict({ text, shape }: { text: string; shape: unknown }) {
  const say = useText();
  const schema = shape === true ? { type: "object" } : shape;
  const { data, error } = useQuery({
    queryKey: ["schema", schema, text],
    queryFn: () => checkSchema(schema, text),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const problems = error ? [error.message] : data?.schema_problem ? [data.schema_problem] : data?.problems;
  if (!problems) return null;
  return (
    <ul aria-label={say("json.verdict")} className="mt-2 border-line border-t pt-2 font-sans text-xs">
      {problems.length === 0 && <li className="text-green">{say("json.fits")}</li>}
      {problems.map((problem) => (
        <li key={problem} className="text-red">
          {problem}
        </li>
      ))}
    </ul>
  );
}
