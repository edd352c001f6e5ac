// The place for how a count of tokens is told. All pure.
import type { PreviewReply } from "@/api/authoring";

const round = new Intl.NumberFormat("en-US");
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** A number of tokens; one that is an estimate says so. */
export function tokens(count: number, exact: boolean): string {
  return exact ? round.format(count) : `≈ ${round.format(count)}`;
}

/** How much of what the model can read is taken; undefined when nobody knows how much that is. */
export function share({
  total,
  context_tokens,
}: PreviewReply["tokens"]): { share: string; context: string } | undefined {
  if (!context_tokens) return undefined;
  const percent = (100 * total) / context_tokens;
  const told = percent > 0 && percent < 0.1 ? "< 0.1" : percent < 10 ? percent.toFixed(1) : percent.toFixed(0);
  return { share: `${told} %`, context: compact.format(context_tokens) };
}
