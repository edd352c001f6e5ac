// The parts of a message behind its text: pictures, files, further texts, and variables that stand for parts.
import { ArrowDown, ArrowUp, ImageOff, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Editor, type Mark } from "@/editor/editor";
import type { Includable } from "@/editor/includes";
import { Button } from "@/parts/button";
import { Input } from "@/parts/field";
import { size } from "@/parts/figure";
import { Hint } from "@/parts/overlay";
import { useText } from "@/text/text";
import { bytesOf, kindOf, moved, type Part } from "./attachments";
import { FileLine } from "./parts-shown";

interface PartListProps {
  parts: readonly Part[];
  /** `at` is the part that changed, when only what is in it did. */
  onChange: (parts: Part[], at?: number) => void;
  names?: readonly string[];
  snippets?: readonly Includable[];
  marks?: (part: number) => readonly Mark[];
}

const NO_NAMES: readonly string[] = [];
const NO_MARKS: readonly Mark[] = [];

export function PartList({ parts, onChange, names = NO_NAMES, snippets, marks }: PartListProps) {
  const say = useText();
  if (parts.length === 0) return null;
  const put = (at: number, part: Part) => onChange([...parts].with(at, part), at);
  return (
    <ol aria-label={say("parts.title")} className="mt-3 grid gap-2">
      {parts.map((part, at) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: a part has no name of its own.
          key={`${at} ${kindOf(part)}`}
          className="group/part flex items-start gap-2 rounded-lg border border-line bg-sheet p-2"
        >
          <div className="min-w-0 flex-1">
            <PartField
              part={part}
              number={at + 1}
              onChange={(changed) => put(at, changed)}
              names={names}
              {...(snippets && { snippets })}
              marks={marks?.(at) ?? NO_MARKS}
            />
          </div>
          <div className="flex opacity-60 focus-within:opacity-100 group-hover/part:opacity-100">
            <Tool word={say("parts.up")} disabled={at === 0} onClick={() => onChange(moved(parts, at, -1))}>
              <ArrowUp />
            </Tool>
            <Tool
              word={say("parts.down")}
              disabled={at === parts.length - 1}
              onClick={() => onChange(moved(parts, at, 1))}
            >
              <ArrowDown />
            </Tool>
            <Tool word={say("parts.remove")} onClick={() => onChange(parts.filter((_, other) => other !== at))}>
              <X />
            </Tool>
          </div>
        </li>
      ))}
    </ol>
  );
}

function Tool({
  word,
  children,
  ...rest
}: {
  word: string;
  disabled?: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <Hint text={word}>
      <Button look="ghost" size="tiny" aria-label={word} {...rest}>
        {children}
      </Button>
    </Hint>
  );
}

interface PartFieldProps {
  part: Part;
  number: number;
  onChange: (part: Part) => void;
  names: readonly string[];
  snippets?: readonly Includable[];
  marks: readonly Mark[];
}

function PartField({ part, number, onChange, names, snippets, marks }: PartFieldProps) {
  const say = useText();
  switch (kindOf(part)) {
    case "image":
      return <Picture url={part.image_url ?? ""} number={number} onChange={(image_url) => onChange({ image_url })} />;
    case "file":
      return <FileLine url={part.file?.url ?? ""} name={part.file?.name ?? ""} />;
    case "variable":
      return (
        <div className="flex items-center gap-2 text-[13px] text-soft">
          {say("parts.variable")}
          <Input
            aria-label={say("parts.variable")}
            className="h-7 w-48 font-mono text-[12.5px] text-blue"
            value={part.variable}
            spellCheck={false}
            onChange={(event) => onChange({ variable: event.target.value })}
          />
        </div>
      );
    default:
      return (
        <Editor
          value={part.text ?? ""}
          label={say("parts.text", { number })}
          hint={say("parts.text.hint")}
          names={names}
          {...(snippets && { snippets })}
          marks={marks}
          onChange={(text) => onChange({ text })}
        />
      );
  }
}

function Picture({ url, number, onChange }: { url: string; number: number; onChange: (url: string) => void }) {
  const say = useText();
  const [broken, setBroken] = useState<string>();
  const bytes = bytesOf(url);
  const label = say("parts.picture", { number });
  return (
    <div className="flex items-center gap-3">
      {broken === url ? (
        <span className="grid size-14 shrink-0 place-items-center rounded-md bg-well text-faint">
          <ImageOff className="size-4" />
        </span>
      ) : (
        <img
          src={url}
          alt={label}
          onError={() => setBroken(url)}
          className="size-14 shrink-0 rounded-md bg-well object-cover"
        />
      )}
      {bytes === undefined ? (
        <Input
          aria-label={say("parts.address", { number })}
          className="h-8 font-mono text-[12.5px]"
          value={url}
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        <span className="text-[13px] text-soft">
          {say("parts.uploaded", { size: size(bytes), type: url.slice(5, url.indexOf(";")) })}
        </span>
      )}
    </div>
  );
}
