// The place where the focus is remembered while a dialog has it, so that closing gives it back to where it was.
import { useRef } from "react";

/** What opened the menu that an item was chosen of last: the item itself is gone before a dialog can ask. */
let opener: HTMLElement | null = null;

/** An item of a menu was chosen. */
export function noteOpener(item: EventTarget | null): void {
  const menu = item instanceof Element ? item.closest("[role=menu]") : null;
  opener = document.getElementById(menu?.getAttribute("aria-labelledby") ?? "");
}

interface Return {
  onOpenAutoFocus: (event: Event) => void;
  onCloseAutoFocus: (event: Event) => void;
}

/** For the content of a dialog that is opened by state and has no trigger; what is marked `data-first` has the focus. */
export function useReturn(): Return {
  const before = useRef<HTMLElement>(null);
  return {
    onOpenAutoFocus: (event) => {
      const at = document.activeElement;
      const known = at instanceof HTMLElement && at !== document.body && !at.closest("[role=menu]");
      before.current = known ? at : opener;
      const dialog = event.currentTarget;
      const first = dialog instanceof HTMLElement && dialog.querySelector<HTMLElement>("[data-first]");
      if (!first) return;
      event.preventDefault();
      first.focus();
    },
    onCloseAutoFocus: (event) => {
      if (!before.current?.isConnected) return;
      event.preventDefault();
      before.current.focus();
    },
  };
}
