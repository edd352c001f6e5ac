// Takes in what another page left to be opened in the workbench, as an edit that undo takes back.
import { useEffect } from "react";
import { takeOpening, withContent } from "./opening";
import type { DraftActions } from "./use-draft";

export function useOpening(key: string, { edit }: DraftActions): void {
  useEffect(() => {
    const content = takeOpening(key);
    if (content) edit((now) => withContent(now, content), "opened");
  }, [key, edit]);
}
