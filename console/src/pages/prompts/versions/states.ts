// The place for the states of a prompt that can be compared, each with the name a person knows it by.
import { useQuery } from "@tanstack/react-query";
import { useText } from "@/text/text";
import { useOpenDraft } from "../open-draft";
import { labelsQuery, useVersions } from "./use-versions";

interface State {
  value: string;
  label: string;
}

/** The draft, other people's, branches, labels and versions; `named` are there even when they are none of these. */
export function useStates(...named: string[]): State[] {
  const say = useText();
  const [{ base }] = useOpenDraft();
  const { versions, branches } = useVersions(base.key);
  const { data: labels = [] } = useQuery(labelsQuery(base.key));
  const states = [
    { value: "draft", label: say("states.draft") },
    ...base.others.map(({ person }) => ({
      value: `draft:${person}`,
      label: say("states.theirs", { person: person || say("people.nobody") }),
    })),
    ...branches.map(({ name }) => ({ value: name, label: say("states.branch", { name }) })),
    ...labels.map(({ name, version }) => ({ value: name, label: say("states.label", { name, version }) })),
    ...versions.map(({ version, message }) => ({
      value: version,
      label: message ? `${version} · ${message.split("\n")[0]?.slice(0, 18)}` : version,
    })),
  ];
  const known = new Set(states.map(({ value }) => value));
  const others = [...new Set(named)].filter((name) => !known.has(name));
  return [...states, ...others.map((name) => ({ value: name, label: name }))];
}
