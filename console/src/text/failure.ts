// The place where an error of the server is said: its own words are English, so another language puts a heading before.
import type { ErrorObject } from "@/api/stream";
import { preferred } from "@/preferences";
import { said } from "./text";

/** What went wrong, in one line: in a language that is not the server's, behind the heading of its class. */
export function reason(
  { class: kind, message }: Pick<ErrorObject, "class" | "message">,
  language = preferred().language,
): string {
  return language === "en" ? message : `${said(language)(`class.${kind}`)}：${message}`;
}
