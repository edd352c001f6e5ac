// A version as it is: read, not written.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Content } from "@/api/client";
import { Button } from "@/parts/button";
import { Problem } from "@/parts/problem";
import { useText } from "@/text/text";
import { readable } from "./difference";
import { versionQuery } from "./use-versions";
import type { VersionActions } from "./version-list";
import { When } from "./when";

interface VersionViewProps {
  promptKey: string;
  version: string;
  actions: VersionActions;
}

export function VersionView({ promptKey, version, actions }: VersionViewProps) {
  const say = useText();
  const { data: commit, error } = useQuery(versionQuery(promptKey, version));
  if (error) return <Problem text={error.message} />;
  if (!commit) return <p className="text-faint">{say("app.loading")}</p>;
  const { author, message, created_at: at, parents, branch } = commit.version;
  return (
    <section aria-label={say("versions.version", { version })}>
      <div className="flex flex-wrap items-start gap-3">
        <div className="min-w-0 grow basis-72">
          <h2 className="font-serif text-[22px]">{say("versions.version", { version })}</h2>
          {message && <p className="mt-1 whitespace-pre-wrap">{message}</p>}
          <p className="mt-1 text-[13px] text-faint">
            {author || say("people.nobody")} · {branch} · <When at={at} />
            {parents.length > 0 && ` · ${say("versions.madeOf", { versions: parents.join(", ") })}`}
          </p>
        </div>
        <div className="flex flex-wrap gap-3">
          <Button onClick={() => actions.compare(version, "draft")}>{say("versions.compareDraft")}</Button>
          <Button onClick={() => actions.label(version)}>{say("labels.move")}</Button>
          <Button onClick={() => actions.revert(version)}>{say("versions.revert")}</Button>
        </div>
      </div>
      <ContentView content={commit.content} />
    </section>
  );
}

function ContentView({ content }: { content: Content }) {
  const say = useText();
  const { messages, variables, model, engine, ...rest } = content;
  const settings = { model, engine, ...rest };
  return (
    <div className="mt-6 grid gap-7">
      <Part title={say("diff.messages")}>
        {messages.map((message, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the messages of a version never move.
          <div key={index} className="border-line border-b py-3 last:border-b-0">
            <p className="text-[13px] text-soft">{say(`role.${message.role}`)}</p>
            <p className="whitespace-pre-wrap break-words">{message.content}</p>
            {message.parts && (
              <pre className="whitespace-pre-wrap text-[12px] text-soft">{readable(message.parts)}</pre>
            )}
          </div>
        ))}
      </Part>
      {variables.length > 0 && (
        <Part title={say("diff.variables")}>
          {variables.map(({ name, ...about }) => (
            <Setting key={name} name={name} value={about} />
          ))}
        </Part>
      )}
      <Part title={say("diff.other")}>
        {Object.entries(settings)
          .filter(([, value]) => value !== undefined && value !== null && value !== "")
          .map(([name, value]) => (
            <Setting key={name} name={name} value={value} />
          ))}
      </Part>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="eyebrow border-line border-b pb-1.5">{title}</h3>
      {children}
    </section>
  );
}

function Setting({ name, value }: { name: string; value: unknown }) {
  return (
    <div className="grid grid-cols-[10rem_minmax(0,1fr)] gap-3 py-1.5 text-[13px]">
      <span className="text-soft">{name}</span>
      <span className="whitespace-pre-wrap break-words font-mono text-[12.5px]">{readable(value)}</span>
    </div>
  );
}
