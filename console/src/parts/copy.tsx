// A button that copies a text and says that it did.
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { useText } from "@/text/text";
import { Button } from "./button";
import { Hint } from "./overlay";

export function CopyButton({ text, label }: { text: string; label: string }) {
  const say = useText();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => void navigator.clipboard?.writeText(text).then(() => setCopied(true));
  return (
    <Hint text={copied ? say("prompt.copied") : label}>
      <Button look="ghost" size="tiny" aria-label={label} onClick={copy}>
        {copied ? <Check /> : <Copy />}
      </Button>
    </Hint>
  );
}
