// Files become prompts: dropped or chosen, looked at with what would be made and lost, and then made.
import { useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { reasonOf } from "@/api/client";
import { type Existing, type ImportFile, type ImportReply, importFiles } from "@/api/files";
import { Button } from "@/parts/button";
import { Choice } from "@/parts/choice";
import { cn } from "@/parts/cn";
import type { DialogPlace } from "@/parts/dialogs";
import { Dialog, DialogClose, DialogContent, DialogDescription, DialogTitle } from "@/parts/overlay";
import { useText } from "@/text/text";
import { LossList } from "./loss-list";

const KINDS = ".md,.prompty,.prompt,.json,.yaml,.yml,.txt";

export function ImportDialog({ place }: { place: DialogPlace }) {
  const say = useText();
  return (
    <Dialog open={place.open} onOpenChange={place.onOpenChange}>
      <DialogContent className="w-[min(40rem,calc(100vw-2rem))]">
        <DialogTitle className="font-serif text-[22px]">{say("import.title")}</DialogTitle>
        <DialogDescription className="mt-1 text-[13px] text-soft">{say("import.about")}</DialogDescription>
        <ImportForm />
      </DialogContent>
    </Dialog>
  );
}

function ImportForm() {
  const say = useText();
  const queries = useQueryClient();
  const [files, setFiles] = useState<ImportFile[]>([]);
  const [existing, setExisting] = useState<Existing>("skip");
  const [reply, setReply] = useState<ImportReply>();
  const [kept, setKept] = useState(false);
  const [problem, setProblem] = useState("");

  const ask = async (given: ImportFile[], how: Existing, keep: boolean) => {
    setFiles(given);
    setExisting(how);
    setProblem("");
    try {
      setReply(await importFiles(given, keep, how));
      setKept(keep);
      if (keep) await queries.invalidateQueries();
    } catch (failure) {
      setProblem(reasonOf(failure));
    }
  };
  const take = async (list: FileList | null) => {
    const given = await Promise.all(
      [...(list ?? [])].map(async (file) => ({ name: file.name, text: await file.text() })),
    );
    if (given.length > 0) await ask(given, existing, false);
  };

  const making = reply?.prompts.filter(({ outcome }) => outcome !== "skipped").length ?? 0;
  const taken = reply?.prompts.some(({ outcome }) => outcome !== "created") ?? false;
  return (
    <div className="mt-5 grid gap-5">
      {!kept && <DropZone onFiles={(list) => void take(list)} />}
      {problem && (
        <p role="alert" className="text-[13px] text-red">
          {problem}
        </p>
      )}
      {reply && <Outcomes reply={reply} kept={kept} />}
      {!kept && taken && (
        <Choice
          label={say("import.existing")}
          value={existing}
          options={[
            { value: "skip", label: say("import.existing.skip") },
            { value: "version", label: say("import.existing.version") },
          ]}
          onChange={(how) => void ask(files, how, false)}
          className="justify-self-start"
        />
      )}
      <div className="flex justify-end gap-2">
        <DialogClose asChild>
          <Button look="ghost">{say(kept ? "import.close" : "import.cancel")}</Button>
        </DialogClose>
        {!kept && (
          <Button look="ink" disabled={making === 0} onClick={() => void ask(files, existing, true)}>
            {making === 0 ? say("import.make.none") : say("import.make", { count: making })}
          </Button>
        )}
      </div>
    </div>
  );
}

function DropZone({ onFiles }: { onFiles: (files: FileList | null) => void }) {
  const say = useText();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFiles(event.dataTransfer.files);
  };
  return (
    <button
      type="button"
      onClick={() => input.current?.click()}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={cn(
        "grid justify-items-center gap-2 rounded-xl border border-edge border-dashed px-6 py-8 text-[13px] text-soft",
        over ? "bg-well text-ink" : "hover:bg-well",
      )}
    >
      <FileUp className="size-5 stroke-[1.5] text-faint" />
      {say("import.drop")}
      <span className="font-mono text-[11px] text-faint">{say("import.kinds")}</span>
      <input
        ref={input}
        type="file"
        multiple
        accept={KINDS}
        aria-label={say("import.choose")}
        className="sr-only"
        tabIndex={-1}
        onClick={(event) => event.stopPropagation()}
        onChange={(event) => onFiles(event.target.files)}
      />
    </button>
  );
}

function Outcomes({ reply, kept }: { reply: ImportReply; kept: boolean }) {
  const say = useText();
  return (
    <ul aria-label={say("import.found")} className="grid gap-3">
      {reply.prompts.map(({ key, file, format, outcome, losses }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two files may hold the same key, and the list is never reordered
        <li key={`${key} ${index}`} className="grid gap-1 border-line border-t pt-3 text-[13px]">
          <span className="flex items-baseline gap-2">
            <span className="font-medium font-mono">{key}</span>
            <span className="truncate text-faint">
              {file}, {say(`format.${format}`)}
            </span>
            <span className={cn("ml-auto shrink-0", outcome === "skipped" ? "text-amber" : "text-green")}>
              {say(`outcome.${kept ? "made" : "will"}.${outcome}`)}
            </span>
          </span>
          {losses.length > 0 && (
            <details>
              <summary className="cursor-pointer text-soft">{say("import.lost", { count: losses.length })}</summary>
              <div className="pt-2 pl-3">
                <LossList losses={losses} />
              </div>
            </details>
          )}
        </li>
      ))}
      {reply.refused.map(({ file, reason }) => (
        <li key={file} className="grid gap-1 border-line border-t pt-3 text-[13px]">
          <span className="font-mono">{file}</span>
          <span className="text-red">{reason}</span>
        </li>
      ))}
    </ul>
  );
}
