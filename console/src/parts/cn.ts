// The place where class names are joined and the last of two that disagree wins.
import { type ClassValue, clsx } from "clsx";
import { twMerge } from "tailwind-merge";

export function cn(...names: ClassValue[]): string {
  return twMerge(clsx(names));
}
