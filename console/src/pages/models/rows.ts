// The place for what the models page knows of a row without asking: its price today, what it can do, a new one.
import type { ModelRow, Price, Provider } from "@/api/catalogue";

/** The price in force on `day` (2026-01-31): the last that has begun. */
export function priceOn(prices: readonly Price[], day: string): Price | undefined {
  return [...prices].sort((one, other) => one.since.localeCompare(other.since)).findLast(({ since }) => since <= day);
}

/** Dollars for a million tokens, in and out: $0.25 / $2. */
export function priceText({ input, output }: Price): string {
  return `$${input} / $${output}`;
}

/** Tokens in thousands or millions: 128K, 1M. */
export function tokensText(tokens: number): string {
  if (tokens >= 1_000_000) return `${trimmed(tokens / 1_000_000)}M`;
  return tokens >= 1_000 ? `${trimmed(tokens / 1_000)}K` : String(tokens);
}

function trimmed(n: number): string {
  return String(Math.round(n * 10) / 10);
}

export type Ability = "tools" | "json_schema" | "images" | "reasoning";

/** What the row says the model can do. */
export function abilities({ capabilities }: ModelRow): Ability[] {
  const flags = (["tools", "json_schema", "images"] as const).filter((name) => capabilities?.[name]);
  const { reasoning } = capabilities ?? {};
  return reasoning && reasoning !== "none" ? [...flags, "reasoning"] : flags;
}

/** Headers as lines of `Name: value`; undefined when a line is not one. */
export function headersIn(lines: readonly string[]): Record<string, string> | undefined {
  const pairs = lines.map((line) => /^([\w!#$%&'*+.^`|~-]+)\s*:\s*(.*)$/.exec(line));
  return pairs.every((pair) => pair !== null) ? Object.fromEntries(pairs.map((pair) => [pair[1], pair[2]])) : undefined;
}

/** A provider as it is written: the key and headers only when they were typed, since they are never read back. */
export function written(provider: Provider, key: string, headers: Record<string, string>): Provider {
  const { api_key: _, headers: __, ...rest } = provider;
  return {
    ...rest,
    ...(key !== "" && { api_key: key }),
    ...(Object.keys(headers).length > 0 && { headers }),
  };
}

export function newProvider(): Provider {
  return { id: "", kind: "openai", base_url: "", enabled: true, has_key: false, source: "stored" };
}

export function newModel(provider: string): ModelRow {
  return {
    id: `${provider}/`,
    provider,
    model: "",
    description: "",
    prices: [],
    fallbacks: [],
    attempts: 2,
    enabled: true,
    source: "stored",
    breaker_failures: 5,
  };
}
