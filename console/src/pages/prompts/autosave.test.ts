import { describe, expect, test } from "vitest";
import type { ErrorObject } from "@/api/stream";
import { type Draft, type Happening, next, opened } from "./autosave";
import { withLine } from "./draft";
import { prompt } from "./draft.fixture";

const CONFLICT: ErrorObject = {
  code: 40900,
  class: "conflict",
  phase: "connect",
  message: "moved on",
  retryable: false,
};
const AWAY: ErrorObject = { code: 50202, class: "upstream_cut", phase: "connect", message: "away", retryable: true };
const stored = (revision: number, content: string) =>
  prompt({ revision, draft: { ...prompt().draft, messages: [{ role: "user", content }] } });

let clock = 0;

function type(content: string, what = "text"): (draft: Draft) => Happening {
  return (draft) => ({
    type: "edited",
    edit: withLine(draft.edit, draft.edit.lines[0]?.uid ?? "", { content }),
    what,
    at: clock++,
  });
}

function after(draft: Draft, ...happenings: (Happening | ((draft: Draft) => Happening))[]): Draft {
  return happenings.reduce((now, it) => next(now, typeof it === "function" ? it(now) : it), draft);
}

const text = (draft: Draft) => draft.edit.lines[0]?.message.content;
const fresh = () => opened(stored(1, "one"));

describe("saving", () => {
  test("goes from saved over waiting and saving to saved", () => {
    const waiting = after(fresh(), type("two"));
    expect(waiting.phase).toBe("waiting");
    const saving = after(waiting, { type: "sent" });
    expect(saving.phase).toBe("saving");
    const saved = after(saving, { type: "stored", prompt: stored(2, "two") });
    expect(saved).toMatchObject({ phase: "saved", base: { revision: 2 } });
  });

  test("what is typed while saving waits for its own turn", () => {
    const draft = after(fresh(), type("two"), { type: "sent" }, type("three"));
    expect(draft.phase).toBe("saving");
    expect(after(draft, { type: "stored", prompt: stored(2, "two") })).toMatchObject({ phase: "waiting" });
  });

  test("that fails keeps the text, says why and counts", () => {
    const failed = after(fresh(), type("two"), { type: "sent" }, { type: "refused", error: AWAY });
    expect(failed).toMatchObject({ phase: "failed", error: AWAY, failures: 1 });
    expect(text(failed)).toBe("two");
    expect(after(failed, { type: "sent" }, { type: "stored", prompt: stored(2, "two") }).failures).toBe(0);
  });
});

describe("what others store", () => {
  test("is shown at once when nothing is unsaved, and undo brings back what was there", () => {
    const draft = after(fresh(), { type: "arrived", prompt: stored(2, "theirs") });
    expect([draft.phase, text(draft)]).toEqual(["saved", "theirs"]);
    expect(text(after(draft, { type: "undone" }))).toBe("one");
  });

  test("is ignored when it is not newer, or when an answer is on its way", () => {
    const waiting = after(fresh(), type("mine"));
    expect(after(waiting, { type: "arrived", prompt: stored(1, "old") })).toBe(waiting);
    const saving = after(waiting, { type: "sent" });
    expect(after(saving, { type: "arrived", prompt: stored(2, "mine") })).toBe(saving);
  });

  test("is a conflict with an unsaved edit, which stays on the screen", () => {
    const draft = after(fresh(), type("mine"), { type: "arrived", prompt: stored(2, "theirs") });
    expect([draft.phase, text(draft), draft.theirs?.revision]).toEqual(["conflict", "mine", 2]);
    expect(after(draft, type("mine still")).phase).toBe("conflict");
  });

  test("is taken when only they changed it, and mine is kept beside it", () => {
    const renamed = { ...stored(1, "one"), name: "Theirs", about_revision: 2 };
    const draft = after(fresh(), type("mine"), { type: "arrived", prompt: renamed });
    expect([draft.phase, draft.edit.name, text(draft)]).toEqual(["waiting", "Theirs", "mine"]);
  });

  test("is a conflict when both renamed the prompt", () => {
    const mine = fresh();
    const renamed = { ...stored(1, "one"), name: "Theirs", about_revision: 2 };
    const edit = { ...mine.edit, name: "Mine" };
    const draft = after(mine, { type: "edited", edit, what: "", at: 0 }, { type: "arrived", prompt: renamed });
    expect([draft.phase, draft.edit.name, draft.theirs?.name]).toEqual(["conflict", "Mine", "Theirs"]);
  });

  test("says who else is here without touching the edit", () => {
    const seen = { ...stored(1, "one"), others: [{ person: "Bob", edited_at: "", modified: true }] };
    const draft = after(fresh(), { type: "arrived", prompt: seen });
    expect([draft.phase, draft.base.others.length, draft.past.length]).toEqual(["saved", 1, 0]);
  });

  test("is no conflict when both wrote the same", () => {
    const draft = after(fresh(), type("both"), { type: "arrived", prompt: stored(2, "both") });
    expect(draft).toMatchObject({ phase: "saved", base: { revision: 2 } });
  });
});

describe("a conflict", () => {
  const conflict = () =>
    after(
      fresh(),
      type("mine"),
      { type: "sent" },
      { type: "refused", error: CONFLICT },
      { type: "arrived", prompt: stored(2, "theirs") },
    );

  test("waits until theirs is known", () => {
    const early = after(fresh(), type("mine"), { type: "sent" }, { type: "refused", error: CONFLICT });
    expect([early.phase, early.theirs]).toEqual(["conflict", undefined]);
    expect(after(early, { type: "kept mine" })).toBe(early);
    expect(after(early, { type: "took theirs" })).toBe(early);
  });

  test("ends with mine, sent on top of theirs", () => {
    const draft = after(conflict(), { type: "kept mine" });
    expect(draft).toMatchObject({ phase: "waiting", base: { revision: 2 } });
    expect(text(draft)).toBe("mine");
  });

  test("ends with theirs, and undo brings mine back", () => {
    const draft = after(conflict(), { type: "took theirs" });
    expect([draft.phase, text(draft)]).toEqual(["saved", "theirs"]);
    const back = after(draft, { type: "undone" });
    expect([back.phase, text(back)]).toEqual(["waiting", "mine"]);
  });
});

describe("undo", () => {
  test("takes back a burst of typing in one place as one", () => {
    const draft = after(fresh(), type("o"), type("on"), type("onl"));
    expect(text(after(draft, { type: "undone" }))).toBe("one");
  });

  test("takes back changes in different places one by one, and redo brings them again", () => {
    const draft = after(fresh(), type("two", "a"), type("three", "b"));
    const once = after(draft, { type: "undone" });
    expect(text(once)).toBe("two");
    expect(text(after(once, { type: "undone" }))).toBe("one");
    expect(text(after(once, { type: "redone" }))).toBe("three");
  });

  test("with nothing to take back changes nothing", () => {
    const draft = fresh();
    expect(after(draft, { type: "undone" })).toBe(draft);
    expect(after(draft, { type: "redone" })).toBe(draft);
  });
});
