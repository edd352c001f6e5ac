// The place for JSON that is still being written: what there is of it so far, and what is still open.

export type Node =
  | { kind: "object"; members: [string, Node][]; open: boolean }
  | { kind: "array"; items: Node[]; open: boolean }
  | { kind: "string"; text: string; open: boolean }
  | { kind: "number"; text: string; open: boolean }
  | { kind: "literal"; text: string; open: boolean };

export interface Partial {
  /** Undefined while nothing of a value is there. */
  node?: Node;
  /** Where the text stops being the beginning of any JSON. */
  bad?: number;
}

/** What `text`, the beginning of a JSON text, says so far. */
export function partial(text: string): Partial {
  const reader = new Reader(text);
  try {
    const node = reader.value();
    reader.end();
    return node ? { node } : {};
  } catch (stop) {
    if (stop instanceof Bad) return { ...(stop.node && { node: stop.node }), bad: stop.at };
    throw stop;
  }
}

/** The value of a node; of what is open, as much as is there. */
export function soFar(node: Node): unknown {
  switch (node.kind) {
    case "object":
      return Object.fromEntries(node.members.map(([name, member]) => [name, soFar(member)]));
    case "array":
      return node.items.map(soFar);
    case "string":
      return node.text;
    case "number":
      return Number.parseFloat(node.text);
    case "literal":
      return { true: true, false: false, null: null }[node.text];
  }
}

class Bad extends Error {
  readonly at: number;
  node: Node | undefined;

  constructor(at: number) {
    super(`not JSON at ${at}`);
    this.at = at;
  }
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)?(?:(?<=\d)\.\d*)?(?:(?<=\d)[eE][-+]?\d*)?/y;
const COMPLETE_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a JSON string holds none of them.
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Deeper than anybody means; a reader of its own stack must stop somewhere. */
const DEEPEST = 500;

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The value that begins here, or undefined at the end of the text. */
  value(): Node | undefined {
    this.#take(SPACE);
    const first = this.#text[this.#at];
    if (first === undefined) return undefined;
    if (first === '"') return this.#string();
    if (first === "-" || (first >= "0" && first <= "9")) return this.#number();
    if (first !== "{" && first !== "[") return this.#literal();
    if (++this.#depth > DEEPEST) throw new Bad(this.#at);
    this.#at += 1;
    const node = first === "{" ? this.#object() : this.#array();
    this.#depth -= 1;
    return node;
  }

  end(): void {
    this.#take(SPACE);
    if (this.#at < this.#text.length) throw new Bad(this.#at);
  }

  #object(): Node {
    const node: Node = { kind: "object", members: [], open: true };
    return this.#members(node, "}", () => {
      if (this.#text[this.#at] !== '"') throw new Bad(this.#at);
      const name = this.#string();
      this.#take(SPACE);
      if (this.#at >= this.#text.length) return undefined;
      if (this.#text[this.#at++] !== ":") throw new Bad(this.#at - 1);
      const value = this.value();
      if (value) node.members.push([name.text, value]);
      return value;
    });
  }

  #array(): Node {
    const node: Node = { kind: "array", items: [], open: true };
    return this.#members(node, "]", () => {
      const value = this.value();
      if (value) node.items.push(value);
      return value;
    });
  }

  /** Members up to `close`; what is bad inside carries what there is of the whole. */
  #members<T extends Node>(node: T, close: string, member: () => Node | undefined): T {
    try {
      for (let first = true; ; first = false) {
        this.#take(SPACE);
        if (this.#at >= this.#text.length) return node;
        const next = this.#text[this.#at];
        if (next === close) {
          this.#at += 1;
          return { ...node, open: false };
        }
        if (!first && this.#text[this.#at++] !== ",") throw new Bad(this.#at - 1);
        this.#take(SPACE);
        if (this.#at >= this.#text.length) return node;
        if (!first && this.#text[this.#at] === close) throw new Bad(this.#at);
        if (member() === undefined) return node;
      }
    } catch (stop) {
      if (stop instanceof Bad) stop.node = node;
      throw stop;
    }
  }

  #string(): Node & { kind: "string" } {
    let text = "";
    this.#at += 1;
    for (;;) {
      text += this.#take(PLAIN);
      const next = this.#text[this.#at];
      if (next === undefined) return { kind: "string", text, open: true };
      if (next === '"') {
        this.#at += 1;
        return { kind: "string", text, open: false };
      }
      if (next !== "\\") throw new Bad(this.#at);
      const meant = this.#escape();
      if (meant === undefined) return { kind: "string", text, open: true };
      text += meant;
    }
  }

  /** The character an escape means, or undefined when the text ends in the middle of it. */
  #escape(): string | undefined {
    const letter = this.#text[this.#at + 1];
    const left = this.#text.length - this.#at;
    if (letter === undefined) {
      this.#at += 1;
      return undefined;
    }
    if (letter !== "u") {
      const meant = ESCAPES[letter];
      if (meant === undefined) throw new Bad(this.#at);
      this.#at += 2;
      return meant;
    }
    const digits = this.#text.slice(this.#at + 2, this.#at + 6);
    if (!/^[0-9a-fA-F]*$/.test(digits)) throw new Bad(this.#at);
    this.#at += Math.min(left, 6);
    return digits.length < 4 ? undefined : String.fromCharCode(Number.parseInt(digits, 16));
  }

  #number(): Node {
    const begun = this.#at;
    const text = this.#take(NUMBER);
    const open = this.#at >= this.#text.length;
    if (!open && !COMPLETE_NUMBER.test(text)) throw new Bad(begun);
    return { kind: "number", text, open };
  }

  #literal(): Node {
    const rest = this.#text.slice(this.#at, this.#at + 5);
    const word = ["true", "false", "null"].find((it) => rest.startsWith(it) || it.startsWith(rest));
    if (word === undefined) throw new Bad(this.#at);
    const text = rest.slice(0, word.length);
    this.#at += text.length;
    return { kind: "literal", text, open: text.length < word.length };
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }
}
