// The place where the editor of JSON is fetched when the first one is shown.
import { lazy, Suspense } from "react";
import type { JsonEditorProps } from "./json-editor";

const Fetched = lazy(async () => ({ default: (await import("./json-editor")).JsonEditor }));

export function JsonEditor(props: JsonEditorProps) {
  return (
    <Suspense fallback={<div aria-busy className="min-h-24 rounded-lg border border-line bg-sheet" />}>
      <Fetched {...props} />
    </Suspense>
  );
}
