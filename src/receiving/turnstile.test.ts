import { expect, it } from 'vitest';
import { Turnstile } from './turnstile.ts';

it('lets work begin in the order in which it came, each in a turn of its own', async () => {
  const turnstile = new Turnstile();
  const seen: string[] = [];
  let turn = 0;
  let isOver = false;
  const count = () => {
    turn++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all(
    ['a', 'b', 'c'].map(async (name) => {
      await turnstile.enter();
      seen.push(`${name} in turn ${turn}`);
    }),
  );
  isOver = true;
  expect(seen.map((text) => text[0])).toEqual(['a', 'b', 'c']);
  expect(new Set(seen.map((text) => text.slice(2))).size).toBe(3);
});

it('holds nobody up who comes alone', async () => {
  const turnstile = new Turnstile();
  for (let i = 0; i < 3; i++) {
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    await turnstile.enter();
    expect(turned).toBe(false);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }
});
