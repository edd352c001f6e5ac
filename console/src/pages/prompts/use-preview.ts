// The place where a draft is rendered by the server, a moment after the last change of it or of a value.
import { useEffect, useState } from "react";
import { type PreviewReply, preview } from "@/api/authoring";
import { ApiFailure } from "@/api/client";
import { contentOf, type Edit, type Slot } from "./draft";
import { slim } from "./slim";
import { filled, type Values } from "./values";

const PAUSE_MS = 350;

/** The last reply, and why there is none for what is on the screen. */
export interface Preview {
  reply?: PreviewReply;
  problem?: string;
}

export function usePreview(key: string, edit: Edit, slots: readonly Slot[], values: Values): Preview {
  const [shown, setShown] = useState<Preview>({});
  const given = JSON.stringify(slim(filled(slots, values, edit.settings.variables).values));
  useEffect(() => {
    const left = new AbortController();
    const timer = setTimeout(() => {
      const body = { draft: slim(contentOf(edit)), variables: JSON.parse(given) as Record<string, unknown> };
      preview(key, body, left.signal).then(
        (reply) => !left.signal.aborted && setShown({ reply }),
        (failure: unknown) => {
          if (left.signal.aborted || !(failure instanceof ApiFailure)) return;
          setShown({ problem: failure.message });
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [key, edit, given]);
  return shown;
}
