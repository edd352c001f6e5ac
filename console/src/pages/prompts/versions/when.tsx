// A moment as a person says it, with the exact one to be pointed at.
import { moment } from "@/parts/figure";
import { usePreferences } from "@/preferences";
import { ago } from "./ago";

export function When({ at }: { at: string }) {
  const { language } = usePreferences();
  const exact = moment(at, language);
  return (
    <time dateTime={at} title={exact} className="figure whitespace-nowrap">
      {ago(at, Date.now(), language)}
    </time>
  );
}
