// The place where numbers and moments become text: short, and steady in width.

/** Milliseconds as a person reads them: 8 ms, 640 ms, 2.41 s, 1:05 min. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
}

/** A rate: one decimal below 100, none above. */
export function rate(perSecond: number): string {
  return perSecond < 99.95 ? perSecond.toFixed(1) : count(perSecond);
}

export function count(n: number): string {
  return Math.round(n).toLocaleString("en-US");
}

/** US dollars, with as many digits as a small price needs. */
export function dollars(n: number): string {
  if (n === 0) return "$0";
  return n < 0.01 ? `$${n.toPrecision(2)}` : `$${n.toFixed(n < 1 ? 4 : 2)}`;
}

/** A day and a time of it, to the minute or to the second. */
export function moment(at: string, language: "en" | "zh", time: "short" | "medium" = "medium"): string {
  // Of the ways to write a date in English this one cannot be misread.
  return new Date(at).toLocaleString(language === "en" ? "en-GB" : "zh-CN", { dateStyle: "medium", timeStyle: time });
}

/** Bytes as a person reads them: 812 B, 12 KB, 3.4 MB. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 999_500 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
