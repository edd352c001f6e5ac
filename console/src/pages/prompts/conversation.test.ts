import { expect, test } from "vitest";
import {
  askedOf,
  awaitsAnswer,
  begunAnew,
  branched,
  type Conversation,
  conversationOf,
  EMPTY,
  messagesOf,
  onBranch,
  rewritten,
  turn,
  turnsOf,
  withoutBranch,
  withoutTurn,
  withTurn,
} from "./conversation";

const said = (conversation: Conversation) => messagesOf(conversation).map(({ content }) => content);
const uid = (conversation: Conversation, at: number) => turnsOf(conversation)[at]?.uid ?? "";

const talk = conversationOf([
  { role: "assistant", content: "Hello." },
  { role: "user", content: "And?" },
  { role: "assistant", content: "More." },
]);

test("turns are added, rewritten and taken away", () => {
  const longer = withTurn(talk, turn({ role: "user", content: "Why?" }));
  expect(said(longer)).toEqual(["Hello.", "And?", "More.", "Why?"]);
  expect(said(rewritten(longer, uid(longer, 1), { content: "Or?" }))).toEqual(["Hello.", "Or?", "More.", "Why?"]);
  expect(said(withoutTurn(longer, uid(longer, 0)))).toEqual(["And?", "More.", "Why?"]);
  expect(said(longer)).toHaveLength(4);
});

test("a branch begins with what was said and leaves the rest where it was", () => {
  const branch = branched(talk, uid(talk, 1), "with");
  expect(said(branch)).toEqual(["Hello.", "And?"]);
  expect(said(branched(talk, uid(talk, 1), "before"))).toEqual(["Hello."]);
  expect(said(onBranch(branch, 0))).toEqual(["Hello.", "And?", "More."]);
  expect(onBranch(branch, 9).at).toBe(1);
  expect(branched(talk, "nobody", "with")).toBe(talk);
  const changed = withTurn(branch, turn({ role: "assistant", content: "Else." }));
  expect(said(onBranch(changed, 0))).toEqual(["Hello.", "And?", "More."]);
  expect(said(withoutBranch(changed))).toEqual(["Hello.", "And?", "More."]);
  expect(withoutBranch(talk)).toEqual(EMPTY);
});

test("whoever spoke last says whose turn it is", () => {
  expect([awaitsAnswer(EMPTY), awaitsAnswer(talk)]).toEqual([true, false]);
  expect(awaitsAnswer(withTurn(talk, turn({ role: "user", content: "?" })))).toBe(true);
});

test("what is asked ends with what nobody answered", () => {
  expect(askedOf(talk).map(({ content }) => content)).toEqual(["Hello.", "And?"]);
  expect(askedOf(conversationOf([{ role: "assistant", content: "Hello." }]))).toEqual([]);
  const anew = begunAnew(talk);
  expect(said(anew)).toEqual([]);
  expect(said(onBranch(anew, 0))).toHaveLength(3);
});

test("calls and their replies stay together, and steps that were taken go with what is asked", () => {
  const call = { id: "c1", name: "weather", arguments: "{}" };
  const stepped = conversationOf([
    { role: "user", content: "Weather?" },
    { role: "assistant", content: "", tool_calls: [call] },
    { role: "tool", content: "sun", name: "weather", tool_call_id: "c1" },
    { role: "assistant", content: "Sunny." },
  ]);
  for (const at of [1, 2]) {
    expect(said(withoutTurn(stepped, uid(stepped, at)))).toEqual(["Weather?", "Sunny."]);
    expect(said(branched(stepped, uid(stepped, at), "with"))).toEqual(["Weather?", "", "sun"]);
    expect(said(branched(stepped, uid(stepped, at), "before"))).toEqual(["Weather?"]);
  }
  expect(askedOf(stepped).map(({ content }) => content)).toEqual(["Weather?"]);
  const waiting = branched(stepped, uid(stepped, 2), "with");
  expect(awaitsAnswer(waiting)).toBe(true);
  expect(askedOf(waiting)).toHaveLength(3);
});
