// The place where a picture or a file of a person's computer becomes a part of a message: its content in a data: URL.
import type { components } from "@/api/schema";

export type Part = components["schemas"]["Part"];
export type PartKind = "text" | "image" | "file" | "variable";

export const MAX_BYTES = 4 * 1024 * 1024;
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

export const PICTURE_TYPES = PICTURES.join(",");

/** Why a file cannot be a part. */
export class Refused {
  readonly reason: "big" | "picture" | "unreadable";
  readonly name: string;

  constructor(reason: Refused["reason"], name: string) {
    this.reason = reason;
    this.name = name;
  }
}

export async function partOf(file: File): Promise<Part | Refused> {
  const picture = file.type.startsWith("image/");
  if (file.size > MAX_BYTES) return new Refused("big", file.name);
  if (picture && !PICTURES.includes(file.type)) return new Refused("picture", file.name);
  try {
    const url = await dataUrl(file);
    return picture ? { image_url: url } : { file: { url, name: file.name } };
  } catch {
    return new Refused("unreadable", file.name);
  }
}

export function kindOf(part: Part): PartKind {
  if (part.image_url !== undefined) return "image";
  if (part.file !== undefined) return "file";
  return part.variable === undefined ? "text" : "variable";
}

/** The bytes inside a data: URL; undefined for any other. */
export function bytesOf(url: string): number | undefined {
  if (!url.startsWith("data:")) return undefined;
  const data = url.slice(url.indexOf(",") + 1);
  return Math.floor((data.replace(/=+$/, "").length * 3) / 4);
}

/** The part at `from` moved by `by` places, as far as there are places. */
export function moved(parts: readonly Part[], from: number, by: number): Part[] {
  const to = Math.max(0, Math.min(parts.length - 1, from + by));
  const result = [...parts];
  result.splice(to, 0, ...result.splice(from, 1));
  return result;
}

function dataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    const type = file.type || "application/octet-stream";
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^,]*,/, `data:${type};base64,`));
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.readAsDataURL(file);
  });
}
