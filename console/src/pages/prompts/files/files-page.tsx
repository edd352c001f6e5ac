// A prompt as a file: ours, or that of another tool with what it cannot hold, to be copied and taken along.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { exportPrompt, FORMATS } from "@/api/files";
import { Button } from "@/parts/button";
import { Choice } from "@/parts/choice";
import { CopyButton } from "@/parts/copy";
import { useText } from "@/text/text";
import { PromptBar } from "../frame";
import { useOpenDraft } from "../open-draft";
import { versionsQuery } from "../versions/use-versions";
import { download } from "./download";
import type { FilesSearch } from "./files-search";
import { LossList } from "./loss-list";

export function FilesPage({ search, onSearch }: { search: FilesSearch; onSearch: (search: FilesSearch) => void }) {
  const say = useText();
  const [draft] = useOpenDraft();
  const { key, revision } = draft.base;
  const { format = "promptwire", version } = search;
  const { data: versions = [] } = useQuery(versionsQuery(key));
  const { data: file, error } = useQuery({
    queryKey: ["export", key, format, version ?? revision],
    queryFn: ({ signal }) => exportPrompt(key, format, version, signal),
    placeholderData: keepPreviousData,
  });
  const of = [
    { value: "", label: say("files.draft") },
    ...versions.map(({ version }) => ({ value: version, label: say("files.version", { version }) })),
  ];
  return (
    <>
      <PromptBar>
        <Choice
          label={say("files.of")}
          value={version ?? ""}
          options={of}
          onChange={(chosen) => onSearch({ format, ...(chosen && { version: chosen }) })}
        />
        <Choice
          label={say("files.format")}
          value={format}
          options={FORMATS.map((value) => ({ value, label: say(`format.${value}`) }))}
          onChange={(chosen) => onSearch({ format: chosen, ...(version && { version }) })}
        />
        {file && (
          <>
            <CopyButton text={file.text} label={say("files.copy")} />
            <Button size="small" onClick={() => download(file.file, file.text)}>
              <Download /> {say("files.download")}
            </Button>
          </>
        )}
      </PromptBar>
      <main
        id="main"
        className="grid min-h-0 flex-1 overflow-y-auto max-lg:content-start lg:grid-cols-[minmax(0,1fr)_20rem]"
      >
        <div className="min-w-0 px-6 py-6">
          {error && <p className="text-red text-sm">{error.message}</p>}
          {file && (
            <>
              <h2 className="mb-3 font-mono text-[12px] text-faint">{file.file}</h2>
              <pre
                data-file={file.file}
                className="whitespace-pre-wrap break-words font-mono text-[13px] text-ink leading-relaxed"
              >
                {file.text}
              </pre>
            </>
          )}
        </div>
        {file && (
          <aside aria-label={say("files.lost")} className="border-line px-6 py-6 lg:border-l">
            <h2 className="eyebrow mb-3">{say("files.lost")}</h2>
            {file.losses.length === 0 ? (
              <p className="text-[13px] text-soft">{say("files.lost.nothing")}</p>
            ) : (
              <LossList losses={file.losses} />
            )}
          </aside>
        )}
      </main>
    </>
  );
}
