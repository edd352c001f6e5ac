// The versions of a prompt: the newest first, each with where it came from and which labels point at it.
import { useQuery } from "@tanstack/react-query";
import { useText } from "@/text/text";
import { PromptBar } from "../frame";
import { useOpenDraft } from "../open-draft";
import { versionsQuery } from "./use-versions";

export function VersionsPage() {
  const say = useText();
  const [draft] = useOpenDraft();
  const { data: versions = [] } = useQuery(versionsQuery(draft.base.key));
  return (
    <>
      <PromptBar />
      <main id="main" className="min-h-0 flex-1 overflow-y-auto px-6 py-6">
        {versions.length === 0 && <p className="text-soft">{say("versions.none")}</p>}
        <ol>
          {versions.map(({ version, message, author }) => (
            <li key={version} className="flex gap-4 border-line border-b py-2">
              <span className="font-mono">{version}</span>
              <span>{message}</span>
              <span className="ml-auto text-soft">{author}</span>
            </li>
          ))}
        </ol>
      </main>
    </>
  );
}
