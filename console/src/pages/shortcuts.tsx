// Every shortcut on one sheet: ?
import type { DialogPlace } from "@/parts/dialogs";
import { keys } from "@/parts/keys";
import { Dialog, DialogContent, DialogTitle } from "@/parts/overlay";
import { useText, type Word } from "@/text/text";

const SHEET: readonly (readonly [Word, readonly (readonly [string, Word])[]])[] = [
  [
    "keys.everywhere",
    [
      [keys("K"), "nav.commands"],
      ["?", "keys.title"],
      ["Esc", "keys.close"],
    ],
  ],
  [
    "keys.prompt",
    [
      [keys("Enter"), "command.run"],
      ["Esc", "command.stop"],
      [keys("S"), "command.save"],
      [keys("Shift", "S"), "commit.title"],
      [keys("Z"), "edit.undo"],
      [keys("Shift", "Z"), "edit.redo"],
    ],
  ],
  [
    "keys.panes",
    [
      ["← →", "keys.walk"],
      ["Home End", "keys.ends"],
      ["↵", "panes.run"],
      ["R", "panes.refer"],
    ],
  ],
  [
    "mode.talk",
    [
      ["↵", "talk.send"],
      ["Shift ↵", "keys.line"],
    ],
  ],
];

export function Shortcuts({ place }: { place: DialogPlace }) {
  const say = useText();
  return (
    <Dialog open={place.open} onOpenChange={place.onOpenChange}>
      <DialogContent aria-describedby={undefined} className="w-[min(34rem,calc(100vw-2rem))]">
        <DialogTitle className="font-serif text-[22px]">{say("keys.title")}</DialogTitle>
        <div className="mt-4 grid gap-6 sm:grid-cols-2">
          {SHEET.map(([title, rows]) => (
            <section key={title}>
              <h2 className="eyebrow mb-2">{say(title)}</h2>
              <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1.5 text-[13px]">
                {rows.map(([stroke, word]) => (
                  <div key={word} className="contents">
                    <dt className="text-soft">{say(word)}</dt>
                    <dd className="font-mono text-[11.5px]">{stroke}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </DialogContent>
    </Dialog>
  );
}
