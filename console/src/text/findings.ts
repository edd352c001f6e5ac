// The place where what the linter found is said in another language than the server's.
import type { Finding } from "@/api/authoring";
import type { Language } from "@/preferences";
import zh from "./findings.zh.json";
import { fill } from "./text";

interface Told {
  why: string;
  /** By how the server words them: what is wrong, and how it is mended. */
  says: Readonly<Record<string, string>>;
}

const TOLD: Readonly<Record<Language, Readonly<Record<string, Told>>>> = { en: {}, zh };

/** `finding` in `language`. What has no words there stays as the server said it. */
export function told(finding: Finding, language: Language): Finding {
  const rule = TOLD[language][finding.rule];
  if (!rule) return finding;
  const say = (wording: string | undefined, said: string) => fill(rule.says[wording ?? ""] ?? said, finding.values);
  return {
    ...finding,
    message: say(finding.wording, finding.message),
    why: rule.why,
    ...(finding.fix !== undefined && { fix: say(finding.fix_wording, finding.fix) }),
  };
}
