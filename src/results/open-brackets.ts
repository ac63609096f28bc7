import { CLOSE_BRACE, type OPEN_BRACE, OPEN_BRACKET } from './ascii.ts';

/** Deeper values are refused: whoever prints them later recurses. */
export const MAX_DEPTH = 256;

/** The brackets that are open within a value: those that are kept, and how many more there are that are too deep. */
export class OpenBrackets {
  kept: number[] = [];
  tooDeep = 0;

  get depth(): number {
    return this.kept.length;
  }

  get innermost(): number | undefined {
    return this.kept.at(-1);
  }

  /** Begins anew, with an open document or with nothing. */
  restart(within: readonly (typeof OPEN_BRACE)[] = []): void {
    this.kept = [...within];
    this.tooDeep = 0;
  }

  /** Opens one; false where it is the first that is too deep. */
  open(byte: number): boolean {
    if (this.kept.length >= MAX_DEPTH) return this.tooDeep++ > 0;
    this.kept.push(byte);
    return true;
  }

  /** A bracket that does not match closes what it most probably should have. */
  close(byte: number): void {
    if (this.tooDeep > 0) this.tooDeep--;
    else if (byte === CLOSE_BRACE) this.kept.pop();
    else {
      const opening = this.kept.lastIndexOf(OPEN_BRACKET);
      if (opening >= 0) this.kept.length = opening;
    }
  }
}
