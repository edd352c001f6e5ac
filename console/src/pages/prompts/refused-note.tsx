// Why a file did not become a part.
import { size } from "@/parts/figure";
import { useText } from "@/text/text";
import { MAX_BYTES, type Refused } from "./attachments";

export function RefusedNote({ refused }: { refused: Refused | undefined }) {
  const say = useText();
  if (!refused) return null;
  return (
    <p role="alert" className="mt-2 text-[13px] text-red">
      {say(`parts.refused.${refused.reason}`, { name: refused.name, limit: size(MAX_BYTES) })}
    </p>
  );
}
