// A moment as a person says it, with the exact one to be pointed at.
import { usePreferences } from "@/preferences";
import { ago } from "./ago";

export function When({ at }: { at: string }) {
  const { language } = usePreferences();
  const exact = new Date(at).toLocaleString(language);
  return (
    <time dateTime={at} title={exact} className="figure whitespace-nowrap">
      {ago(at, Date.now(), language)}
    </time>
  );
}
