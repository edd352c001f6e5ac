// The page when there is no prompt at all.
import { useText } from "@/text/text";

export function Welcome() {
  const say = useText();
  return (
    <main id="main" className="grid h-full place-items-center p-6">
      <p className="font-serif text-[22px] text-soft">{say("list.pick")}</p>
    </main>
  );
}
