import { expect, test } from "vitest";
import { contentOf, editOf } from "../draft";
import { prompt } from "../draft.fixture";
import { isStrict, kindOf, schemaOf, shapeOf, withFormat, withSchema } from "./format";

const plain = editOf(prompt());

test("an answer is text, a JSON object, or JSON of a schema", () => {
  expect([kindOf(plain), shapeOf(plain)]).toEqual(["", undefined]);
  const object = withFormat(plain, "json_object");
  expect(object.settings.response_format).toEqual({ type: "json_object" });
  expect(shapeOf(object)).toBe(true);
  const schema = { type: "object" };
  const fitted = withSchema(withFormat(plain, "json_schema"), schema, false);
  expect(fitted.settings.response_format).toEqual({
    type: "json_schema",
    json_schema: { name: "answer", schema, strict: false },
  });
  expect([kindOf(fitted), schemaOf(fitted), isStrict(fitted), shapeOf(fitted)]).toEqual([
    "json_schema",
    schema,
    false,
    schema,
  ]);
  expect(contentOf(withFormat(fitted, ""))).toEqual(contentOf(plain));
});
