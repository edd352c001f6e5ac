// A prompt as the answers to a few questions.
import { Plus, X } from "lucide-react";
import type { ReactNode } from "react";
import type { Form } from "@/api/authoring";
import { Button } from "@/parts/button";
import { TextArea } from "@/parts/field";
import { Row } from "@/parts/form";
import { useText } from "@/text/text";
import { LISTS, TEXTS } from "./guide";
import { useGuide } from "./use-guide";

interface GuideFormProps {
  text: string;
  onText: (text: string) => void;
}

export function GuideForm({ text, onText }: GuideFormProps) {
  const say = useText();
  const { form, change } = useGuide(text, onText);
  return (
    <section aria-label={say("guide.title")} className="grid gap-5">
      {TEXTS.map((name) => (
        <Answer key={name} name={name} form={form} onChange={change} />
      ))}
      {LISTS.map((name) => (
        <Items key={name} name={name} items={form[name] ?? []} onChange={(items) => change({ [name]: items })} />
      ))}
      <Answer name="output" form={form} onChange={change} />
      <Examples examples={form.examples ?? []} onChange={(examples) => change({ examples })} />
      <Answer name="rest" form={form} onChange={change} />
    </section>
  );
}

type TextName = (typeof TEXTS)[number] | "output" | "rest";

function Answer({ name, form, onChange }: { name: TextName; form: Form; onChange: (change: Partial<Form>) => void }) {
  const say = useText();
  return (
    <Row label={say(`guide.${name}`)} note={name === "rest" ? say("guide.rest.note") : undefined}>
      {(id) => (
        <TextArea
          id={id}
          value={form[name] ?? ""}
          placeholder={say(`guide.${name}.hint`)}
          onChange={(event) => onChange({ [name]: event.target.value })}
        />
      )}
    </Row>
  );
}

function Items({
  name,
  items,
  onChange,
}: {
  name: (typeof LISTS)[number];
  items: readonly string[];
  onChange: (items: string[]) => void;
}) {
  const say = useText();
  return (
    <List title={say(`guide.${name}`)} add={say(`guide.${name}.add`)} onAdd={() => onChange([...items, ""])}>
      {items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an item has no name of its own.
        <div key={at} className="flex items-start gap-2">
          <span className="figure w-5 shrink-0 pt-2 text-right text-[13px] text-faint">
            {name === "steps" ? `${at + 1}.` : "·"}
          </span>
          <TextArea
            aria-label={say(`guide.${name}.item`, { number: at + 1 })}
            value={item}
            onChange={(event) => onChange([...items].with(at, event.target.value))}
          />
          <Remove
            word={say("guide.remove", { number: at + 1 })}
            onClick={() => onChange(items.filter((_, other) => other !== at))}
          />
        </div>
      ))}
    </List>
  );
}

type Example = NonNullable<Form["examples"]>[number];

function Examples({ examples, onChange }: { examples: readonly Example[]; onChange: (examples: Example[]) => void }) {
  const say = useText();
  return (
    <List
      title={say("guide.examples")}
      add={say("guide.examples.add")}
      onAdd={() => onChange([...examples, { input: "", output: "" }])}
    >
      {examples.map((example, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an example has no name of its own.
        <div key={at} className="flex items-start gap-2">
          <span className="figure w-5 shrink-0 pt-2 text-right text-[13px] text-faint">{at + 1}.</span>
          <div className="grid flex-1 gap-2 sm:grid-cols-2">
            {(["input", "output"] as const).map((side) => (
              <TextArea
                key={side}
                aria-label={say(`guide.examples.${side}`, { number: at + 1 })}
                placeholder={say(`guide.examples.${side}.hint`)}
                value={example[side] ?? ""}
                onChange={(event) => onChange([...examples].with(at, { ...example, [side]: event.target.value }))}
              />
            ))}
          </div>
          <Remove
            word={say("guide.remove", { number: at + 1 })}
            onClick={() => onChange(examples.filter((_, other) => other !== at))}
          />
        </div>
      ))}
    </List>
  );
}

function List({ title, add, onAdd, children }: { title: string; add: string; onAdd: () => void; children: ReactNode }) {
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1.5 font-medium text-[13px]">{title}</legend>
      {children}
      <Button look="ghost" size="small" className="-ml-2 justify-self-start" onClick={onAdd}>
        <Plus /> {add}
      </Button>
    </fieldset>
  );
}

function Remove({ word, onClick }: { word: string; onClick: () => void }) {
  return (
    <Button look="ghost" size="tiny" className="mt-1.5" aria-label={word} onClick={onClick}>
      <X />
    </Button>
  );
}
