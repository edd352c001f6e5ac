// The place where a form and the text it is about follow each other: whichever changes, the server makes the other.
import { useEffect, useRef, useState } from "react";
import { type Form, readForm, writeForm } from "@/api/authoring";
import { answered, EMPTY } from "./guide";

const PAUSE_MS = 250;

export interface Guide {
  form: Form;
  change: (change: Partial<Form>) => void;
}

/** The form of `text`. `onText` takes the text of a form that was changed. */
export function useGuide(text: string, onText: (text: string) => void): Guide {
  const [form, setForm] = useState<Form>(EMPTY);
  const [asked, setAsked] = useState<Form>();
  const unwritten = useRef<Form>(undefined);
  const known = useRef<string>(undefined); // the text that the form on the screen says
  const latest = useRef(onText);
  useEffect(() => {
    latest.current = onText;
  });

  useEffect(() => {
    if (text === known.current) return;
    const left = new AbortController();
    readForm(text, left.signal).then(
      (read) => {
        if (left.signal.aborted) return;
        known.current = text;
        unwritten.current = undefined;
        setAsked(undefined);
        setForm({ ...EMPTY, ...read });
      },
      () => undefined, // The next change asks again.
    );
    return () => left.abort();
  }, [text]);

  useEffect(() => {
    if (!asked) return;
    const left = new AbortController();
    const timer = setTimeout(() => {
      writeForm(answered(asked), left.signal).then(
        (written) => {
          if (left.signal.aborted) return;
          unwritten.current = undefined;
          known.current = written;
          latest.current(written);
        },
        () => undefined, // The next change asks again.
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [asked]);

  useEffect(
    () => () => {
      // Whoever leaves the form takes along what was typed last.
      const form = unwritten.current;
      if (form) void writeForm(answered(form), new AbortController().signal).then(latest.current, () => undefined);
    },
    [],
  );

  const change = (part: Partial<Form>) => {
    const changed = { ...form, ...part };
    unwritten.current = changed;
    setForm(changed);
    setAsked(changed);
  };
  return { form, change };
}
