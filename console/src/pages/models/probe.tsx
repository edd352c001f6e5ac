// Small questions to a model, and the list of what works and exactly why the rest does not.
import { useMutation } from "@tanstack/react-query";
import { Check as CheckIcon, LoaderCircle, Stethoscope, X } from "lucide-react";
import { type Check, type ModelRow, testModel } from "@/api/catalogue";
import { Button } from "@/parts/button";
import { duration } from "@/parts/figure";
import { Problem } from "@/parts/problem";
import { useText } from "@/text/text";

/** A probe of a row as it stands in a form, stored or not. */
export function Probe({ row }: { row: ModelRow }) {
  const say = useText();
  const { mutate, data, error, isPending } = useMutation({ mutationFn: testModel });
  return (
    <section aria-label={say("models.test")} aria-busy={isPending}>
      <Button disabled={isPending || row.model === ""} onClick={() => mutate({ row })}>
        {isPending ? <LoaderCircle className="animate-spin" /> : <Stethoscope />} {say("models.test")}
      </Button>
      <Problem text={error?.message} className="mt-3" />
      {data && <Checks checks={data} />}
    </section>
  );
}

export function Checks({ checks }: { checks: readonly Check[] }) {
  const say = useText();
  return (
    <ul className="mt-3 divide-y divide-line rounded-lg border border-line bg-sheet text-[13px]">
      {checks.map(({ name, works, error, note, duration_ms }) => (
        <li key={name} className="grid grid-cols-[1.25rem_8rem_1fr_auto] items-baseline gap-3 px-3 py-2">
          {works ? (
            <CheckIcon aria-label={say("models.works")} className="size-4 translate-y-0.5 text-green" />
          ) : (
            <X aria-label={say("models.fails")} className="size-4 translate-y-0.5 text-red" />
          )}
          <span className="font-medium">{say(`check.${name}`)}</span>
          <span className={error ? "break-words text-red" : "text-soft"}>
            {error ? `${say(`class.${error.class}`)}: ${error.message}` : note}
          </span>
          <span className="figure text-faint">{duration(duration_ms)}</span>
        </li>
      ))}
    </ul>
  );
}
