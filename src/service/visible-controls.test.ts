import { expect, it } from 'vitest';
import { withVisibleControls } from './visible-controls.ts';

const shown = (line: object) => JSON.parse(withVisibleControls(`${JSON.stringify(line)}\n`));

it('what a name says to a terminal is written out, whatever field it is in', () => {
  const name = 'a\nERROR: b\u001b[2J\u009b\u202e\u2028"\\';
  const written = 'a\\nERROR: b\\u001b[2J\\u009b\\u202e\\u2028"\\';
  expect(shown({ level: 30, msg: name, item: name, more: { list: [name, 1, null] } })).toEqual({
    level: 30,
    msg: written,
    item: written,
    more: { list: [written, 1, null] },
  });
});

it('the stack of an error keeps its lines', () => {
  const line = { msg: 'x', err: { stack: 'Error: x\n    at a' } };
  expect(shown(line)).toEqual(line);
});

it('what else hides in an error is written out', () => {
  const line = { msg: 'x', err: { message: 'a\u001b[2J\u202e', stack: 'Error: a\u001b[2J\u2028\n    at a' } };
  expect(shown(line)).toEqual({
    msg: 'x',
    err: { message: 'a\\u001b[2J\\u202e', stack: 'Error: a\\u001b[2J\\u2028\n    at a' },
  });
});
