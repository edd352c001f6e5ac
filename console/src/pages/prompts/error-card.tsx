// What went wrong with a run: in a person's words first, then class, phase and what there is to report.
import { RotateCw } from "lucide-react";
import { useEffect, useState } from "react";
import type { ErrorObject } from "@/api/stream";
import { Button } from "@/parts/button";
import { CopyButton } from "@/parts/copy";
import { useText } from "@/text/text";

interface ErrorCardProps {
  error: ErrorObject;
  /** Whether something of the answer came before. */
  partial: boolean;
  onAgain: () => void;
}

export function ErrorCard({ error, partial, onAgain }: ErrorCardProps) {
  const say = useText();
  return (
    <div
      role="alert"
      className="rise mt-5 max-w-[44rem] overflow-hidden rounded-xl border border-red/25 bg-red-wash font-sans text-sm"
    >
      <div className="p-5">
        <h3 className="font-serif text-[19px] text-red leading-snug">{say(`class.${error.class}`)}</h3>
        <p className="mt-1 break-words text-ink">{error.message}</p>
        {partial && <p className="mt-1 text-soft">{say("error.partial")}</p>}
        <Details error={error} />
        <Again error={error} onAgain={onAgain} />
      </div>
    </div>
  );
}

function Details({ error }: { error: ErrorObject }) {
  const say = useText();
  const rows: [string, string | undefined][] = [
    [say("error.class"), error.class],
    [say("error.phase"), `${error.phase} · ${say(`phase.${error.phase}`)}`],
    [say("error.code"), String(error.code)],
    [say("error.vendor"), error.vendor],
    [say("error.vendorStatus"), error.vendor_status?.toString()],
    [say("error.vendorBody"), error.vendor_body],
    ...Object.entries(error.details ?? {}),
  ];
  return (
    <dl className="mt-4 grid grid-cols-[auto_1fr] gap-x-6 gap-y-1 text-[13px]">
      {rows.flatMap(([name, value]) =>
        value === undefined
          ? []
          : [
              <dt key={`${name}-name`} className="text-soft">
                {name}
              </dt>,
              <dd key={name} className="break-words font-mono text-[12.5px]">
                {value}
              </dd>,
            ],
      )}
      {error.trace_id && (
        <>
          <dt className="text-soft">{say("error.trace")}</dt>
          <dd className="flex items-center gap-1 break-all font-mono text-[12.5px]">
            {error.trace_id} <CopyButton text={error.trace_id} label={say("error.trace")} />
          </dd>
        </>
      )}
    </dl>
  );
}

function Again({ error, onAgain }: { error: ErrorObject; onAgain: () => void }) {
  const say = useText();
  const wait = useCountdown(error);
  if (!error.retryable) return <p className="mt-4 text-[13px] text-soft">{say("error.retry.no")}</p>;
  return (
    <Button className="mt-4" disabled={wait > 0} onClick={onAgain}>
      <RotateCw /> {wait > 0 ? say("error.retry.in", { s: wait }) : say("run.again")}
    </Button>
  );
}

/** Whole seconds until trying again makes sense. */
function useCountdown(error: ErrorObject): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const until = performance.now() + (error.retry_after_s ?? 0) * 1000;
    const tick = () => setLeft(Math.max(0, Math.ceil((until - performance.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [error]);
  return left;
}
