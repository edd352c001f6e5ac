import { expect, test } from "vitest";
import { Turns } from "./turns";

const nobody = new AbortController().signal;

test("no more have their turn at once than may, and the first who waits is the next", async () => {
  const turns = new Turns(2);
  const order: string[] = [];
  const [first, second] = [await turns.take(nobody), await turns.take(nobody)];
  const waiting = ["a", "b"].map((name) =>
    turns.take(nobody).then((end) => {
      order.push(name);
      return end;
    }),
  );
  expect(order).toEqual([]);
  first?.();
  first?.();
  const end = await waiting[0];
  expect(order).toEqual(["a"]);
  second?.();
  await waiting[1];
  expect(order).toEqual(["a", "b"]);
  end?.();
});

test("who leaves while waiting takes nobody's turn", async () => {
  const turns = new Turns(1);
  const end = await turns.take(nobody);
  const leaving = new AbortController();
  const left = turns.take(leaving.signal);
  const stays = turns.take(nobody);
  leaving.abort();
  expect(await left).toBeUndefined();
  end?.();
  expect(await stays).toBeDefined();
  expect(await turns.take(leaving.signal)).toBeUndefined();
});
