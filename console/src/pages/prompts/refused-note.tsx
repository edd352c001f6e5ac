// Why a file did not become a part.
import { size } from "@/parts/figure";
import { Problem } from "@/parts/problem";
import { useText } from "@/text/text";
import { MAX_BYTES, type Refused } from "./attachments";

export function RefusedNote({ refused }: { refused: Refused | undefined }) {
  const say = useText();
  const text = refused && say(`parts.refused.${refused.reason}`, { name: refused.name, limit: size(MAX_BYTES) });
  return <Problem text={text} className="mt-2" />;
}
