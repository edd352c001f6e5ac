// The parts of a message as they were said: read, not written.
import { FileText } from "lucide-react";
import { size } from "@/parts/figure";
import { useText } from "@/text/text";
import { bytesOf, type Part } from "./attachments";

/** The parts as they were said. */
export function PartsShown({ parts }: { parts: readonly Part[] }) {
  const say = useText();
  return (
    <ul aria-label={say("parts.title")} className="mt-2 grid justify-items-start gap-2">
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was said does not move.
        <li key={at} className="max-w-full">
          {part.image_url !== undefined ? (
            <img
              src={part.image_url}
              alt={say("parts.picture", { number: at + 1 })}
              className="max-h-44 max-w-full rounded-lg bg-well object-contain"
            />
          ) : part.file ? (
            <FileLine url={part.file.url ?? ""} name={part.file.name ?? ""} />
          ) : (
            <span className="whitespace-pre-wrap break-words">{part.text ?? part.variable}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

export function FileLine({ url, name }: { url: string; name: string }) {
  const say = useText();
  const bytes = bytesOf(url);
  return (
    <div className="flex h-8 items-center gap-2 text-[13px]">
      <FileText className="size-4 shrink-0 stroke-[1.75] text-faint" />
      <span className="truncate">{name || url.slice(0, 80)}</span>
      {bytes !== undefined && (
        <span className="shrink-0 text-faint">
          {say("parts.uploaded", { size: size(bytes), type: url.slice(5, url.indexOf(";")) })}
        </span>
      )}
    </div>
  );
}
