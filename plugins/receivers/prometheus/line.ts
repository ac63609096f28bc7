const BLANKS = /[ \t]*/y;
/** The maximum number of characters of a line in a message. */
const SHOWN = 60;

/** Reads a line from left to right and skips blanks between its parts. */
export class Line {
  readonly #text: string;
  readonly #number: number;
  #at = 0;

  constructor(text: string, number: number) {
    this.#text = text;
    this.#number = number;
    this.#pass(BLANKS);
  }

  isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  isAt(character: string): boolean {
    return this.#text[this.#at] === character;
  }

  /** Skips a character where it is next, and returns whether it was. */
  skip(character: string): boolean {
    if (!this.isAt(character)) return false;
    this.#at++;
    this.#pass(BLANKS);
    return true;
  }

  /** Returns the next part. Throws where it does not match the pattern, or `fits` refuses it. */
  take(pattern: RegExp, wanted: string, fits: (text: string) => boolean = () => true): string {
    const from = this.#at;
    const found = this.#pass(pattern);
    if (found === undefined || !fits(found)) {
      this.#at = from;
      throw this.problem(wanted);
    }
    this.#pass(BLANKS);
    return found;
  }

  end(): void {
    if (!this.isAtEnd()) throw this.problem('the end of the line');
  }

  problem(wanted: string): Error {
    const rest = this.#text.slice(this.#at);
    const found = rest.length > SHOWN ? `${rest.slice(0, SHOWN)}…` : rest;
    return new Error(`line ${this.#number}: expected ${wanted}, found ${found === '' ? 'its end' : `\`${found}\``}`);
  }

  #pass(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
