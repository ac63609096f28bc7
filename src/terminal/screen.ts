import type { ReadStream, WriteStream } from 'node:tty';

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_REST = '\x1b[J';
const CLEAR_LINE = '\x1b[K';

/** Uses the whole terminal from `open` to `close`, which restores its previous content. */
export class Screen {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #onKey = (keys: Buffer) => {
    for (const key of keys.toString()) if (key === 'q' || key === '\x03') this.#quit();
  };
  readonly #onResize = () => this.#draw();
  readonly #quit: () => void;
  #text = '';

  /** Calls `quit` when q or Ctrl-C is pressed. */
  constructor(input: ReadStream, output: WriteStream, quit: () => void) {
    this.#input = input;
    this.#output = output;
    this.#quit = quit;
  }

  open(): void {
    this.#output.write(ENTER);
    this.#output.on('resize', this.#onResize);
    if (!this.#input.isTTY) return;
    this.#input.setRawMode(true);
    this.#input.on('data', this.#onKey);
  }

  /** Replaces the shown text; cuts off what does not fit. */
  show(text: string): void {
    this.#text = text;
    this.#draw();
  }

  close(): void {
    this.#output.off('resize', this.#onResize);
    if (this.#input.isTTY) {
      this.#input.off('data', this.#onKey);
      this.#input.setRawMode(false);
      this.#input.pause();
    }
    this.#output.write(LEAVE);
  }

  #draw(): void {
    // A terminal of unknown size reports 0.
    const { rows, columns } = this.#output;
    const lines = this.#text.split('\n').slice(0, rows || 24);
    const shown = lines.map((line) => `${CLEAR_LINE}${[...line].slice(0, columns || 80).join('')}`);
    this.#output.write(`${HOME}${shown.join('\r\n')}${CLEAR_REST}`);
  }
}
