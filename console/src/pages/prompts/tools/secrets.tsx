// The secrets that headers name: written here, sent to their hosts alone, never read back.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteToolSecret, listToolSecrets, putToolSecret } from "@/api/tools";
import { Button } from "@/parts/button";
import { TextField } from "@/parts/form";
import { useText } from "@/text/text";

const QUERY = { queryKey: ["tool secrets"], queryFn: ({ signal }: { signal: AbortSignal }) => listToolSecrets(signal) };

export function Secrets() {
  const say = useText();
  const queries = useQueryClient();
  const { data: secrets = [] } = useQuery(QUERY);
  const [form, setForm] = useState({ name: "", hosts: "", value: "" });
  const settled = () => queries.invalidateQueries({ queryKey: QUERY.queryKey });
  const drop = useMutation({ mutationFn: deleteToolSecret, onSettled: settled });
  const put = useMutation({
    mutationFn: () => putToolSecret({ name: form.name, hosts: form.hosts.split(/[\s,]+/), value: form.value }),
    onSuccess: () => setForm({ name: "", hosts: "", value: "" }),
    onSettled: settled,
  });
  const change = (some: Partial<typeof form>) => setForm((now) => ({ ...now, ...some }));
  return (
    <details>
      <summary className="cursor-pointer text-[13px] text-soft">{say("secrets.title", { n: secrets.length })}</summary>
      <p className="mt-1 text-faint text-xs">{say("secrets.help")}</p>
      <ul className="mt-1">
        {secrets.map(({ name, hosts }) => (
          <li key={name} className="flex items-center gap-3 py-1 text-[13px]">
            <code className="text-blue">{`{{secret.${name}}}`}</code>
            <span className="min-w-0 flex-1 truncate text-faint text-xs">{hosts.join(" ")}</span>
            <Button look="ghost" size="small" onClick={() => drop.mutate(name)}>
              {say("form.delete")}
            </Button>
          </li>
        ))}
      </ul>
      <div className="mt-2 grid grid-cols-3 items-end gap-2">
        <TextField mono label={say("secrets.name")} value={form.name} onChange={(name) => change({ name })} />
        <TextField mono label={say("secrets.hosts")} value={form.hosts} onChange={(hosts) => change({ hosts })} />
        <TextField secret label={say("secrets.value")} value={form.value} onChange={(value) => change({ value })} />
      </div>
      {put.error && <p className="mt-1 text-red text-xs">{put.error.message}</p>}
      <Button size="small" className="mt-2" disabled={put.isPending} onClick={() => put.mutate()}>
        {say("secrets.keep")}
      </Button>
    </details>
  );
}
