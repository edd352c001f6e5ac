// Why something could not be done, said where it was tried.
import { cn } from "./cn";

interface ProblemProps {
  /** Empty when nothing is wrong. */
  text: string | undefined;
  /** On ground of its own, where it stands among other things. */
  boxed?: boolean;
  className?: string;
}

export function Problem({ text, boxed = false, className }: ProblemProps) {
  if (!text) return null;
  return (
    <p role="alert" className={cn("text-[13px] text-red", boxed && "rounded-lg bg-red-wash px-3 py-2", className)}>
      {text}
    </p>
  );
}
