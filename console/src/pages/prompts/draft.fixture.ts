// A prompt as the server gives it, for tests.
import type { Prompt } from "@/api/client";

export function prompt(change: Partial<Prompt> = {}): Prompt {
  return {
    key: "demo",
    name: "Demo",
    description: "",
    revision: 1,
    variables: [],
    tags: [],
    kind: "chat",
    folder: "",
    person: "",
    modified: false,
    others: [],
    about_revision: 1,
    created_at: "",
    updated_at: "",
    draft: {
      messages: [
        { role: "system", content: "Be {{mood}}." },
        { role: "placeholder", content: "history" },
        { role: "user", content: "About {{topic}}, {{mood}}" },
      ],
      model: "simulated/echo",
      variables: [],
      engine: "plain",
    },
    ...change,
  };
}
