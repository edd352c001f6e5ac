// JSON in a form: what is no JSON yet stays on the screen, is said, and is not taken.
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { checkSchema } from "@/api/tools";
import { JsonEditor } from "@/editor/lazy-json-editor";

interface SchemaFieldProps {
  label: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** A JSON Schema; the server says when it is JSON but no schema. */
export function SchemaField({ label, value, onChange }: SchemaFieldProps) {
  const [text, setText] = useState(() => (value === undefined ? "" : JSON.stringify(value, null, 2)));
  const parsed = parse(text);
  const schema = useDeferredValue(parsed);
  const { data } = useQuery({
    queryKey: ["schema", schema],
    queryFn: () => checkSchema(schema),
    enabled: schema !== undefined && schema !== BAD,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const change = (typed: string) => {
    setText(typed);
    const read = parse(typed);
    if (read !== BAD) onChange(read);
  };
  const problem = parsed !== undefined && parsed !== BAD ? data?.schema_problem : undefined;
  return (
    <div className="grid gap-1.5">
      <span className="font-medium text-[13px]">{label}</span>
      <JsonEditor label={label} value={text} onChange={change} />
      {problem && (
        <p role="alert" className="text-red text-xs">
          {problem}
        </p>
      )}
    </div>
  );
}

const BAD = Symbol("bad");

function parse(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return BAD;
  }
}
