import type { ReadStream, WriteStream } from 'node:tty';

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_REST = '\x1b[J';
const CLEAR_LINE = '\x1b[K';

/** Uses the whole terminal until `close`, which restores its previous content. Calls `quit` when q or Ctrl-C is pressed. */
export function openScreen(input: ReadStream, output: WriteStream, quit: () => void) {
  let text = '';
  const draw = () => {
    // A terminal of unknown size reports 0.
    const { rows, columns } = output;
    const lines = text.split('\n').slice(0, rows || 24);
    const shown = lines.map((line) => `${CLEAR_LINE}${[...line].slice(0, columns || 80).join('')}`);
    output.write(`${HOME}${shown.join('\r\n')}${CLEAR_REST}`);
  };
  const onKeys = (keys: Buffer) => {
    if (keys.includes('q') || keys.includes('\x03')) quit();
  };
  output.write(ENTER);
  output.on('resize', draw);
  if (input.isTTY) input.setRawMode(true).on('data', onKeys);
  return {
    /** Replaces the shown text; cuts off what does not fit. */
    show(next: string): void {
      text = next;
      draw();
    },
    close(): void {
      output.off('resize', draw);
      if (input.isTTY) input.off('data', onKeys).setRawMode(false).pause();
      output.write(LEAVE);
    },
  };
}
