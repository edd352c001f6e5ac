// The place for a conversation with a prompt: turns after the prompt's own messages, and the branches it has taken.
// All pure; nothing that was said is lost: what would change the past makes a branch.
import type { Message } from "@/api/client";

/** A turn with an identity of its own. */
export interface Turn {
  uid: string;
  message: Message;
}

export interface Conversation {
  branches: readonly (readonly Turn[])[];
  /** The branch that is on the screen. */
  at: number;
}

export const EMPTY: Conversation = { branches: [[]], at: 0 };

export function turn(message: Message): Turn {
  return { uid: Math.random().toString(36).slice(2), message };
}

export function turnsOf({ branches, at }: Conversation): readonly Turn[] {
  return branches[at] ?? [];
}

/** What is sent after the prompt's own messages. */
export function messagesOf(conversation: Conversation): Message[] {
  return turnsOf(conversation).map(({ message }) => message);
}

/** What waits for an answer: everything up to the last turn that is none; steps taken towards one go with it. */
export function askedOf(conversation: Conversation): Message[] {
  const messages = messagesOf(conversation);
  if (messages.at(-1)?.role === "tool") return messages;
  return messages.slice(0, messages.findLastIndex(({ role }) => role !== "assistant" && role !== "tool") + 1);
}

/** A new branch in which nothing is said yet. */
export function begunAnew({ branches }: Conversation): Conversation {
  return { branches: [...branches, []], at: branches.length };
}

export function conversationOf(messages: readonly Message[]): Conversation {
  return { branches: [messages.map(turn)], at: 0 };
}

export function withTurn(conversation: Conversation, ...added: readonly Turn[]): Conversation {
  return withTurns(conversation, [...turnsOf(conversation), ...added]);
}

/** The turn `uid` says something else. */
export function rewritten(conversation: Conversation, uid: string, change: Partial<Message>): Conversation {
  const changed = turnsOf(conversation).map((it) =>
    it.uid === uid ? { uid, message: { ...it.message, ...change } } : it,
  );
  return withTurns(conversation, changed);
}

/** Without the turn `uid`; calls and their replies go together. */
export function withoutTurn(conversation: Conversation, uid: string): Conversation {
  const turns = turnsOf(conversation);
  const step = stepAt(turns, uid);
  return step ? withTurns(conversation, turns.toSpliced(step.from, step.to - step.from)) : conversation;
}

/** Where the turn `uid` lies: a turn that calls tools is one step with their replies, since no model takes one alone. */
function stepAt(turns: readonly Turn[], uid: string): { from: number; to: number } | undefined {
  const place = turns.findIndex((it) => it.uid === uid);
  if (place < 0) return undefined;
  const isReply = (at: number) => turns[at]?.message.role === "tool";
  let from = place;
  while (isReply(from) && from > 0) from -= 1;
  let to = place + 1;
  while (isReply(to)) to += 1;
  return { from, to };
}

/** A new branch that ends with the turn `uid`, or before it. */
export function branched(conversation: Conversation, uid: string, end: "with" | "before"): Conversation {
  const turns = turnsOf(conversation);
  const step = stepAt(turns, uid);
  if (!step) return conversation;
  const kept = turns.slice(0, end === "with" ? step.to : step.from).map(({ message }) => turn(message));
  const { branches } = conversation;
  return { branches: [...branches, kept], at: branches.length };
}

export function onBranch(conversation: Conversation, at: number): Conversation {
  const last = conversation.branches.length - 1;
  return { ...conversation, at: Math.max(0, Math.min(last, at)) };
}

/** Without the branch on the screen; of the last one its turns go. */
export function withoutBranch({ branches, at }: Conversation): Conversation {
  if (branches.length === 1) return EMPTY;
  const left = branches.toSpliced(at, 1);
  return { branches: left, at: Math.min(at, left.length - 1) };
}

/** Whether the next thing is an answer: somebody asked and nobody answered, or nothing was said after the prompt. */
export function awaitsAnswer(conversation: Conversation): boolean {
  return turnsOf(conversation).at(-1)?.message.role !== "assistant";
}

function withTurns({ branches, at }: Conversation, turns: readonly Turn[]): Conversation {
  return { branches: branches.with(at, turns), at };
}

export function keptConversation(key: string): Conversation {
  try {
    const kept = JSON.parse(localStorage.getItem(place(key)) ?? "null") as Conversation | null;
    return kept?.branches[kept.at] ? kept : EMPTY;
  } catch {
    return EMPTY;
  }
}

export function keepConversation(key: string, conversation: Conversation): void {
  try {
    localStorage.setItem(place(key), JSON.stringify(conversation));
  } catch {
    // Storage is closed or full: the conversation lasts as long as the page.
  }
}

function place(key: string): string {
  return `promptwire.conversation.${key}`;
}
