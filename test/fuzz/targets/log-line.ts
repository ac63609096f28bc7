import fc from 'fast-check';
import { withVisibleControls } from '../../../src/service/visible-controls.ts';
import { hold, holdSame, type Target } from '../target.ts';

const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** Lines of the log on a terminal, with texts of senders in them. */
const target: Target<string> = {
  name: 'log-line',
  generated: fc
    .string({
      unit: fc.oneof(
        fc.string({ minLength: 1, maxLength: 1 }),
        fc.constantFrom('\n', '\u001b[2J', '\u2028', '\u202e', '\ud800'),
      ),
    })
    .map((text) => Buffer.from(text, 'utf16le')),
  words: ['\n\0', '\u001b\0[\0', Buffer.from('\u2028\u202e\ud800\u009b', 'utf16le')],
  growing: [{ part: '\n\0' }, { part: '\\\0' }, { part: '\u00e9#' }],
  read: (bytes) => withVisibleControls(lineOf(bytes)),
  isRefusal: () => false,
  check(line, bytes) {
    const text = bytes.toString('utf16le');
    hold(
      line.endsWith('\n') && !HIDDEN.test(line.slice(0, -1)),
      'the line has what does not show, or is several lines',
    );
    const { msg, list, err } = JSON.parse(line) as { msg: string; list: string[]; err: { stack: string } };
    hold(!HIDDEN.test(msg), () => `the message is ${JSON.stringify(msg)}`);
    holdSame(list[0], msg, 'a text within is not shown as one outside');
    holdSame(err.stack.replaceAll('\n', '\\n'), msg, 'a stack is not shown as a message, but for its lines');
    if (!HIDDEN.test(text)) holdSame(msg, text, 'a text with nothing hidden has changed');
    return line.length;
  },
  most: { steps: 1500, memory: 1000, made: 50 },
};

export default target;

function lineOf(bytes: Buffer): string {
  const msg = bytes.toString('utf16le');
  return `${JSON.stringify({ level: 30, msg, list: [msg], err: { stack: msg } })}\n`;
}
