// The place where the pages of one prompt find the draft that is open in this tab.
import { createContext, use } from "react";
import type { Draft } from "./autosave";
import type { DraftActions } from "./use-draft";

export const OpenDraft = createContext<readonly [Draft, DraftActions] | undefined>(undefined);

export function useOpenDraft(): readonly [Draft, DraftActions] {
  const open = use(OpenDraft);
  if (!open) throw new Error("this page is not inside the frame of a prompt");
  return open;
}
