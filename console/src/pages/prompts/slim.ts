// The place where pictures and files are left out of a question that is not about what is in them.

const WHOLE = 200; // characters of a data: URL that are no burden

/** `value` with the content of its data: URLs left out; texts stay, for their tokens can be counted. */
export function slim<T>(value: T): T {
  if (typeof value === "string") return slimText(value) as T;
  if (Array.isArray(value)) return value.map(slim) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, slim(member)])) as T;
}

function slimText(text: string): string {
  if (text.length <= WHOLE || !text.startsWith("data:") || text.startsWith("data:text/")) return text;
  const head = text.slice(0, text.indexOf(",") + 1);
  return head.length > 0 && head.length <= WHOLE && head.endsWith(";base64,") ? `${head}AAAA` : text;
}
