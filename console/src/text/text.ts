// The place where the console finds its words: one table for each language, checked to be complete.
import { type Language, usePreferences } from "@/preferences";
import { en } from "./en";
import { zh } from "./zh";

export type Word = keyof typeof en;
export type Words = Record<Word, string>;
type Values = Record<string, string | number>;
export type Say = (word: Word, values?: Values) => string;

const TABLES: Record<Language, Words> = { en, zh };

/** A function that says a word in the chosen language; `{name}` in it stands for a value. */
export function useText(): Say {
  const { language } = usePreferences();
  return said(language);
}

/** The same for a language that is named, where nothing is shown anew when it changes. */
export function said(language: Language): Say {
  return SAY[language];
}

const SAY: Record<Language, Say> = { en: speaker(TABLES.en), zh: speaker(TABLES.zh) };

function speaker(table: Words): Say {
  return (word, values) => fill(table[word], values ?? {});
}

/** `text` with each `{name}` replaced by its value. */
export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
