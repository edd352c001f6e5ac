// What a file does not hold: where it stands, why, and what it was.
import type { Loss } from "@/api/files";

export function LossList({ losses }: { losses: readonly Loss[] }) {
  return (
    <ul className="grid gap-3">
      {losses.map(({ path, reason, value }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a path may be lost twice, and the list is never reordered
        <li key={`${path} ${index}`} className="grid gap-0.5 text-[13px]">
          <span className="font-mono text-[12px] text-ink">{path}</span>
          <span className="text-soft">{reason}</span>
          {value && <span className="truncate font-mono text-[11px] text-faint">{value}</span>}
        </li>
      ))}
    </ul>
  );
}
