// The shortcuts of the page where a prompt is written, and what it offers to the palette.
import { useEffect, useMemo, useRef } from "react";
import { useOffered } from "@/parts/commands";
import { isCovered, isShortcut, keys, useKeys } from "@/parts/keys";
import { useText } from "@/text/text";
import type { Draft } from "./autosave";
import type { Mode } from "./bench-search";
import type { DraftActions } from "./use-draft";
import type { SavedInputs } from "./use-inputs";

interface Bench {
  draft: Draft;
  actions: DraftActions;
  running: boolean;
  start: () => void;
  stop: () => void;
  mode: Mode;
  onMode: (mode: Mode) => void;
  onCode: () => void;
  saved: SavedInputs;
  onSaveAs: () => void;
}

export function useBenchKeys(bench: Bench): void {
  const { actions, running, start, stop } = bench;
  useKeys((event) => {
    const field = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    const dialog = event.target instanceof Element && event.target.closest("[role=dialog]");
    if (dialog) return;
    const act = (action: () => void) => {
      event.preventDefault();
      action();
    };
    if (isShortcut(event, "Enter")) act(start);
    else if (event.key === "Escape" && running && !isCovered()) act(stop);
    else if (isShortcut(event, "s")) act(actions.save);
    else if (isShortcut(event, "z") && !field) act(actions.undo);
    else if ((isShortcut(event, "z", true) || isShortcut(event, "y")) && !field) act(actions.redo);
  });
  useBenchCommands(bench);
}

const MODES: readonly Mode[] = ["one", "panes", "runs", "talk"];

function useBenchCommands(bench: Bench): void {
  const say = useText();
  const latest = useRef(bench);
  useEffect(() => {
    latest.current = bench;
  });
  const { running, mode, saved } = bench;
  const { past, future } = bench.draft;
  const [undoable, redoable] = [past.length > 0, future.length > 0];
  const runs = useMemo(
    () =>
      running
        ? [{ id: "stop", label: say("command.stop"), keys: "Esc", perform: () => latest.current.stop() }]
        : [{ id: "run", label: say("command.run"), keys: keys("Enter"), perform: () => latest.current.start() }],
    [say, running],
  );
  const edits = useMemo(
    () => [
      ...(undoable
        ? [{ id: "undo", label: say("edit.undo"), keys: keys("Z"), perform: () => latest.current.actions.undo() }]
        : []),
      ...(redoable
        ? [
            {
              id: "redo",
              label: say("edit.redo"),
              keys: keys("Shift", "Z"),
              perform: () => latest.current.actions.redo(),
            },
          ]
        : []),
      { id: "save", label: say("command.save"), keys: keys("S"), perform: () => latest.current.actions.save() },
    ],
    [say, undoable, redoable],
  );
  const modes = useMemo(
    () => [
      ...MODES.filter((it) => it !== mode).map((it) => ({
        id: `mode ${it}`,
        label: say(`mode.${it}`),
        perform: () => latest.current.onMode(it),
      })),
      { id: "code", label: say("code.title"), perform: () => latest.current.onCode() },
    ],
    [say, mode],
  );
  const { inputs, chosen, dirty } = saved;
  const sets = useMemo(
    () => [
      { id: "set as", label: say("command.set.saveAs"), perform: () => latest.current.onSaveAs() },
      ...(chosen && dirty
        ? [
            {
              id: "set save",
              label: say("command.set.save", { name: chosen.name }),
              perform: () => void latest.current.saved.save(),
            },
          ]
        : []),
      ...inputs
        .filter(({ id }) => id !== chosen?.id)
        .map(({ id, name }) => ({
          id: `set ${id}`,
          label: say("command.set.load", { name }),
          perform: () => latest.current.saved.choose(id),
        })),
    ],
    [say, inputs, chosen, dirty],
  );
  useOffered(runs);
  useOffered(edits);
  useOffered(modes);
  useOffered(sets);
}
