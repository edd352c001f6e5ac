// The place where saved inputs meet the page: which one is tried, loading it into the fields, saving what they say.
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Message } from "@/api/client";
import { createInput, deleteInput, type Input, listInputs, markInput, updateInput } from "@/api/inputs";
import { promptKey } from "../queries";
import { differs, keepSet, keptSet, type Tried } from "./saved-input";

const inputsQuery = (key: string) =>
  queryOptions({ queryKey: [...promptKey(key), "inputs"], queryFn: ({ signal }) => listInputs(key, signal) });

export interface SavedInputs {
  inputs: readonly Input[];
  /** The one this person marked. */
  current: string | undefined;
  /** The one that is tried. */
  chosen: Input | undefined;
  /** What is on the screen is not what is saved. */
  dirty: boolean;
  choose: (id: string | undefined) => void;
  save: () => Promise<void>;
  saveAs: (name: string, shared: boolean) => Promise<void>;
  change: (input: Input, change: { name?: string; shared?: boolean }) => Promise<void>;
  remove: (input: Input) => Promise<void>;
  /** Brings back what was removed last. */
  restore: (input: Input) => Promise<void>;
  mark: (id: string | undefined) => Promise<void>;
}

interface Screen {
  promptKey: string;
  set: string | undefined;
  onSet: (set: string | undefined, replace?: boolean) => void;
  now: Tried;
  /** Puts a saved input into the fields. */
  show: (input: Input) => void;
}

export function useInputs({ promptKey: key, set, onSet, now, show }: Screen): SavedInputs {
  const queries = useQueryClient();
  const { data } = useQuery(inputsQuery(key));
  const inputs = data?.inputs ?? [];
  const chosen = inputs.find(({ id }) => id === set);
  useLoading({ key, data, set, onSet, show });

  const again = () => queries.invalidateQueries({ queryKey: inputsQuery(key).queryKey });
  const keep = async (made: Promise<Input>) => {
    const input = await made;
    keepSet(key, input.id);
    await again();
    return input;
  };
  const messages = now.messages as Message[];
  return {
    inputs,
    current: data?.current,
    chosen,
    dirty: chosen !== undefined && differs(chosen, now),
    choose: (id) => {
      keepSet(key, "");
      onSet(id);
    },
    save: async () => {
      if (!chosen) return;
      const { id, revision } = chosen;
      await keep(updateInput(key, id, { values: now.values, messages, revision }));
    },
    saveAs: async (name, shared) => {
      const { id } = await keep(createInput(key, { name, shared, values: now.values, messages }));
      onSet(id);
    },
    change: async ({ id, revision }, change) => void (await keep(updateInput(key, id, { ...change, revision }))),
    remove: async (input) => {
      await deleteInput(key, input.id);
      if (input.id === set) {
        keepSet(key, "");
        onSet(undefined);
      }
      await again();
    },
    restore: async ({ name, shared, values, messages: said }) => {
      await createInput(key, { name, shared, values, messages: said });
      await again();
    },
    mark: async (id) => {
      await markInput(key, id);
      await again();
    },
  };
}

type Loading = Pick<Screen, "set" | "onSet" | "show"> & {
  key: string;
  data: Awaited<ReturnType<typeof listInputs>> | undefined;
};

/** Loads the input the address names, once; an address that names none gets the one that was tried or is marked. */
function useLoading({ key, data, set, onSet, show }: Loading): void {
  const latest = useRef({ onSet, show });
  useEffect(() => {
    latest.current = { onSet, show };
  });
  useEffect(() => {
    if (!data) return;
    const kept = keptSet(key);
    if (set === undefined) {
      const before = kept ?? data.current;
      if (before && data.inputs.some(({ id }) => id === before)) latest.current.onSet(before, true);
      return;
    }
    const input = data.inputs.find(({ id }) => id === set);
    if (!input || kept === set) return;
    keepSet(key, set);
    latest.current.show(input);
  }, [key, data, set]);
}
