import { describe, expect, test } from "vitest";
import { contentOf, editOf } from "../draft";
import { prompt } from "../draft.fixture";
import {
  bindingOf,
  canonical,
  choiceShown,
  kindOf,
  nameProblem,
  withChoice,
  withoutServer,
  withoutTool,
  withRecording,
  withServer,
  withTool,
} from "./tools";

const plain = editOf(prompt());
const weather = { name: "weather", description: "", parameters: { type: "object" } };
const one = withTool(plain, weather, { name: "weather", mock: { kind: "fixed", reply: "sun" } });

describe("tools of a prompt", () => {
  test("come, change their name, and go without a trace", () => {
    expect(kindOf(bindingOf(one, "weather"))).toBe("function");
    const renamed = withTool(
      withChoice(one, "=weather"),
      { ...weather, name: "sky" },
      bindingOf(one, "weather"),
      "weather",
    );
    expect(renamed.settings.tools?.map(({ name }) => name)).toEqual(["sky"]);
    expect(renamed.settings.bindings).toEqual([{ name: "sky", mock: { kind: "fixed", reply: "sun" } }]);
    expect(choiceShown(renamed)).toBe("=sky");
    expect(contentOf(withoutTool(renamed, "sky"))).toEqual(contentOf(plain));
  });

  test("have a choice", () => {
    expect(choiceShown(one)).toBe("");
    expect(choiceShown(withChoice(one, "required"))).toBe("required");
    expect(withChoice(one, "=weather").settings.tool_choice).toEqual({
      type: "function",
      function: { name: "weather" },
    });
    expect(contentOf(withChoice(withChoice(one, "none"), ""))).toEqual(contentOf(one));
  });

  test("have names a model can say, each once", () => {
    expect(nameProblem(one, "a b")).toBe("tools.name.bad");
    expect(nameProblem(one, "weather")).toBe("tools.name.taken");
    expect(nameProblem(one, "weather", "weather")).toBeUndefined();
  });

  test("of a server are those that are ticked", () => {
    const server = { name: "station", url: "http://h/mcp", timeout_s: 30 };
    const offered = [weather, { name: "alarm", description: "" }];
    const both = withServer(plain, server, offered, new Set(["weather", "alarm"]));
    expect(both.settings.bindings?.map(({ mcp }) => mcp?.tool)).toEqual(["weather", "alarm"]);
    const held = withTool(both, { ...weather, strict: true }, bindingOf(both, "weather"));
    const again = withServer(held, server, offered, new Set(["weather", "alarm"]));
    expect(again.settings.tools?.map(({ strict }) => strict)).toEqual([true, undefined]);
    const fewer = withServer(both, server, offered, new Set(["alarm"]));
    expect(fewer.settings.tools?.map(({ name }) => name)).toEqual(["alarm"]);
    expect(contentOf(withoutServer(fewer, "station"))).toEqual(contentOf(plain));
  });

  test("keep replies by their arguments", () => {
    const kept = withRecording(
      withRecording(one, "weather", '{"a":1,"b":2}', "old"),
      "weather",
      '{"b":2,"a":1}',
      "new",
    );
    expect(bindingOf(kept, "weather").mock).toEqual({
      kind: "recorded",
      reply: "sun",
      recordings: [{ arguments: '{"b":2,"a":1}', reply: "new", is_error: false }],
    });
    expect(withRecording(plain, "nobody", "{}", "x")).toBe(plain);
    expect(canonical("{oops")).toBe("{oops");
  });
});
