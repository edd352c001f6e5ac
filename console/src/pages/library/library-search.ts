// The place for what the address of the list of prompts says: what is sought, where, in which order, and which page.
import type { Sought } from "@/api/library";

export const PAGE = 50;
export const ORDERS = ["edited", "created", "name", "key"] as const;
export const KINDS = ["chat", "text", "snippet"] as const;

export interface LibrarySearch {
  text?: string;
  /** Empty: those in no folder; absent: all. */
  folder?: string;
  tags?: string[];
  kind?: (typeof KINDS)[number];
  order?: (typeof ORDERS)[number];
  page?: number;
  trashed?: true;
}

export function librarySearch(found: Record<string, unknown>): LibrarySearch {
  const { text, folder, tags, kind, order, page, trashed } = found;
  const words = Array.isArray(tags) ? tags.map(String) : [];
  const known = ORDERS.find((it) => it === order);
  const ofKind = KINDS.find((it) => it === kind);
  return {
    ...(isText(text) && text !== "" && { text: String(text) }),
    ...(isText(folder) && { folder: String(folder) }),
    ...(words.length > 0 && { tags: words }),
    ...(ofKind && { kind: ofKind }),
    ...(known && known !== "edited" && { order: known }),
    ...(Number.isInteger(page) && (page as number) > 1 && { page: page as number }),
    ...(trashed === true && { trashed: true as const }),
  };
}

/** An address holds a text like 2024 as a number. */
function isText(found: unknown): boolean {
  return typeof found === "string" || typeof found === "number";
}

/** What the server is asked. */
export function soughtBy({ text, folder, tags, kind, order, page = 1, trashed }: LibrarySearch): Sought {
  return {
    limit: PAGE,
    offset: (page - 1) * PAGE,
    ...(text !== undefined && { text }),
    ...(folder !== undefined && { folder }),
    ...(tags && { tag: tags }),
    ...(kind && { kind }),
    ...(order && { order }),
    ...(trashed && { trashed }),
  };
}

/** Other shelves are looked at from their first page on. */
export function turned(search: LibrarySearch, change: { [K in keyof LibrarySearch]: LibrarySearch[K] | undefined }) {
  return librarySearch({ ...search, page: undefined, ...change });
}

/** `tags` with `tag` in it, or without it when it was. */
export function toggled(tags: readonly string[] = [], tag: string): string[] | undefined {
  const changed = tags.includes(tag) ? tags.filter((it) => it !== tag) : [...tags, tag];
  return changed.length > 0 ? changed : undefined;
}

/** A folder in a tree: how deep it lies, and what it is called there. */
export interface Branch {
  path: string;
  name: string;
  depth: number;
  /** How many prompts stand in it and below it. */
  prompts: number;
}

/** Every folder and every folder above one, in the order of a tree. */
export function tree(folders: readonly { name: string; prompts: number }[]): Branch[] {
  const counted = new Map<string, number>();
  for (const { name, prompts } of folders) {
    const parts = name.split("/");
    for (let depth = 1; depth <= parts.length; depth++) {
      const path = parts.slice(0, depth).join("/");
      counted.set(path, (counted.get(path) ?? 0) + prompts);
    }
  }
  const order = (path: string) => path.toLowerCase().replaceAll("/", "\u0000");
  return [...counted]
    .sort(([one], [other]) => (order(one) < order(other) ? -1 : 1))
    .map(([path, prompts]) => {
      const parts = path.split("/");
      return { path, name: parts.at(-1) ?? path, depth: parts.length - 1, prompts };
    });
}
