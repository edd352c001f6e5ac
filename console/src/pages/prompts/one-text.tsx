// A text or a snippet: one template without roles.
import { useState } from "react";
import { Editor } from "@/editor/editor";
import { useText } from "@/text/text";
import { Attach } from "./attach";
import type { Part, Refused } from "./attachments";
import type { Edit } from "./draft";
import { line, withAdded, withLine } from "./draft";
import { marksOf } from "./findings";
import { Included } from "./included";
import type { MessagesProps } from "./messages";
import { PartList } from "./part-list";
import { RefusedNote } from "./refused-note";

export function OneText({
  edit,
  findings,
  snippets,
  slots,
  actions,
  kind,
}: MessagesProps & { kind: "text" | "snippet" }) {
  const say = useText();
  const [refused, setRefused] = useState<Refused>();
  const message = edit.lines[0]?.message;
  const names = slots.flatMap(({ name, type }) => (type === "string" ? [name] : []));
  const change = (changed: { content?: string; parts?: Part[] }, what?: string) =>
    actions.edit((now) => withFirst(now, changed), what);
  return (
    <section aria-label={say(`kind.${kind}`)} className="group">
      <Editor
        value={message?.content ?? ""}
        label={say("text.label")}
        hint={say(`text.hint.${kind}`)}
        names={names}
        snippets={snippets}
        marks={marksOf(findings, 0)}
        onChange={(content) => change({ content }, "text")}
      />
      <Included findings={findings} message={0} />
      {kind === "text" && (
        <>
          <PartList
            parts={message?.parts ?? []}
            names={names}
            snippets={snippets}
            marks={(part) => marksOf(findings, 0, part)}
            onChange={(parts, at) => change({ parts }, at === undefined ? undefined : `part ${at}`)}
          />
          <RefusedNote refused={refused} />
          <Attach
            className="-ml-1 mt-2"
            onAdd={(parts) => change({ parts: [...(message?.parts ?? []), ...parts] })}
            onRefused={setRefused}
          />
        </>
      )}
    </section>
  );
}

function withFirst(edit: Edit, change: { content?: string; parts?: Part[] }): Edit {
  const first = edit.lines[0];
  return first ? withLine(edit, first.uid, change) : withAdded(edit, line({ role: "user", content: "", ...change }));
}
