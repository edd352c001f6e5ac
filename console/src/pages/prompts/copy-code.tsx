// What the page runs, as code for somebody's own program.
import { useState } from "react";
import { Button } from "@/parts/button";
import { Choice } from "@/parts/choice";
import { cn } from "@/parts/cn";
import { CopyButton } from "@/parts/copy";
import type { DialogPlace } from "@/parts/dialogs";
import { Dialog, DialogContent, DialogDescription, DialogTitle } from "@/parts/overlay";
import { usePreferences } from "@/preferences";
import { useText } from "@/text/text";
import { DIALECTS, type Dialect, LANGUAGES, type Language, snippet, unsayable } from "./snippets";
import type { RunBody } from "./use-trial";
import { VersionPicker } from "./version-picker";

interface CopyCodeProps {
  promptKey: string;
  /** What would be sent; undefined while the code is not shown. */
  body: RunBody | undefined;
  place: DialogPlace;
}

export function CopyCode({ place, promptKey, body }: CopyCodeProps) {
  const say = useText();
  return (
    <Dialog open={place.open} onOpenChange={place.onOpenChange}>
      <DialogContent className="flex w-[min(48rem,calc(100vw-2rem))] flex-col">
        <DialogTitle className="font-serif text-[22px]">{say("code.title")}</DialogTitle>
        <DialogDescription className="mt-1 text-soft">{say("code.body")}</DialogDescription>
        {body && <Code promptKey={promptKey} body={body} />}
      </DialogContent>
    </Dialog>
  );
}

const NAMES: Record<Language, string> = { curl: "curl", python: "Python", typescript: "TypeScript" };

function Code({ promptKey, body }: { promptKey: string; body: RunBody }) {
  const say = useText();
  const { name: person } = usePreferences();
  const [language, setLanguage] = useState<Language>("curl");
  const [dialect, setDialect] = useState<Dialect>("native");
  const [chosen, setChosen] = useState<Pick<RunBody, "version" | "label">>(() => ({
    ...(body.version !== undefined && { version: body.version }),
    ...(body.label !== undefined && { label: body.label }),
  }));
  const { version: _version, label: _label, draft: _draft, ...rest } = body;
  const committed = chosen.version !== undefined || chosen.label !== undefined;
  const runs = { ...rest, ...(committed ? chosen : { version: "draft" }) };
  const spoken = unsayable(runs) ? "native" : dialect;
  const code = snippet(language, spoken, { origin: window.location.origin, key: promptKey, person, body: runs });
  return (
    <>
      <div className="mt-4 flex flex-wrap items-center gap-2">
        <fieldset aria-label={say("code.language")} className="flex gap-1">
          {LANGUAGES.map((it) => (
            <Button
              key={it}
              look="ghost"
              size="small"
              aria-pressed={it === language}
              className={cn(it === language && "bg-ink/6 text-ink")}
              onClick={() => setLanguage(it)}
            >
              {NAMES[it]}
            </Button>
          ))}
        </fieldset>
        <Choice
          label={say("code.dialect")}
          value={spoken}
          options={DIALECTS.map((value) => ({ value, label: say(`code.${value}`) }))}
          onChange={setDialect}
        />
        <VersionPicker
          promptKey={promptKey}
          pane={chosen}
          onChange={({ version, label }) =>
            setChosen({ ...(version !== undefined && { version }), ...(label !== undefined && { label }) })
          }
        />
        <span className="ml-auto" />
        <CopyButton text={code} label={say("code.copy")} />
      </div>
      {unsayable(runs) && <p className="mt-2 text-amber text-xs">{say("code.override")}</p>}
      <pre
        data-code
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        tabIndex={0}
        className="mt-3 max-h-[45vh] overflow-auto rounded-lg border border-line bg-well p-4 font-mono text-[12.5px] leading-relaxed"
      >
        {code}
      </pre>
      <p className="mt-2 text-faint text-xs">{say("code.key")}</p>
    </>
  );
}
