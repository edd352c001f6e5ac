// The place where the address says which dialog is open and what it is about: `?dialog=tool:weather`.
import { type AnyRouter, useRouter, useRouterState } from "@tanstack/react-router";
import { useCallback } from "react";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** The page without the dialog is one step back. */
    dialogShown?: true;
  }
}

/** What the address of any page may say. */
export interface DialogSearch {
  dialog?: string;
}

export interface DialogPlace {
  open: boolean;
  /** What it is about: a tool, a version; empty for something new, or when there is only one. */
  about: string;
  show: (about?: string) => void;
  /** Resolves when the address no longer names it. */
  close: () => Promise<void>;
  /** For what opens and closes itself. */
  onOpenChange: (open: boolean) => void;
}

export function dialogSearch({ dialog }: Record<string, unknown>): DialogSearch {
  return typeof dialog === "string" && dialog !== "" ? { dialog } : {};
}

/** What the dialog `name` is about, as `dialog` of an address says; undefined when it is not open. */
export function aboutIn(dialog: unknown, name: string): string | undefined {
  if (typeof dialog !== "string") return undefined;
  if (dialog === name) return "";
  return dialog.startsWith(`${name}:`) ? dialog.slice(name.length + 1) : undefined;
}

/** The dialog `name` of this page. A link opens it, and going back closes it. */
export function useDialog(name: string): DialogPlace {
  const router = useRouter();
  const about = useRouterState({ select: ({ location }) => aboutIn(location.search.dialog, name) });
  const show = useCallback((subject = "") => open(router, subject ? `${name}:${subject}` : name), [router, name]);
  const close = useCallback(() => closeOnce(router, name), [router, name]);
  const onOpenChange = useCallback((open: boolean) => (open ? show() : void close()), [show, close]);
  return { open: about !== undefined, about: about ?? "", show, close, onOpenChange };
}

/** The dialog `name` about something new, or about one of `items` as long as it is there. */
export function useDialogOf<T>(name: string, items: readonly T[], nameOf: (item: T) => string) {
  const place = useDialog(name);
  const stored = place.open ? items.find((item) => nameOf(item) === place.about) : undefined;
  return { ...place, stored, open: place.open && (place.about === "" || stored !== undefined) };
}

/** One at a time: a shortcut never takes away a dialog in which somebody writes. */
function open(router: AnyRouter, dialog: string): void {
  const taken = router.latestLocation.search.dialog !== undefined;
  if (taken && document.querySelector("[data-dialog]")) return;
  void router.navigate({
    to: ".",
    search: (now: DialogSearch) => ({ ...now, dialog }),
    ...(taken ? { replace: true } : { state: { dialogShown: true } }),
  });
}

let closing: Promise<void> | undefined;

/** Closed twice it would leave the page. */
function closeOnce(router: AnyRouter, name: string): Promise<void> {
  closing ??= close(router, name).finally(() => {
    closing = undefined;
  });
  return closing;
}

/** Back to the page it was opened on; who came by a link stays there. */
async function close(router: AnyRouter, name: string): Promise<void> {
  const { search, state } = router.latestLocation;
  if (aboutIn(search.dialog, name) === undefined) return;
  if (!state.dialogShown) {
    const without = ({ dialog: _, ...rest }: DialogSearch) => rest;
    return router.navigate({ to: ".", search: without, replace: true });
  }
  await new Promise<void>((resolve) => {
    const done = router.history.subscribe(() => {
      done();
      resolve();
    });
    router.history.back();
  });
}
