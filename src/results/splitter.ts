import { countOf } from '../count.ts';
import { CLOSE_BRACE, CLOSE_BRACKET, COMMA, NEWLINE, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './ascii.ts';
import { HeldBytes, isSpace, stringEnd } from './bytes.ts';
import { MAX_DEPTH, OpenBrackets } from './open-brackets.ts';
import { byteBefore, isRunsKeyBefore, mayOpenObject, mayOpenString, separating, structural } from './openings.ts';
import { ResultParts, type ResultSink, RUNS_KEY } from './parts.ts';
import { RunScan } from './run-scan.ts';
import type { SplitPlace } from './split-place.ts';

/** Limits of a splitter. */
export interface SplitterOptions {
  /** A run longer than this is refused rather than held in memory. */
  readonly maxValueBytes?: number | undefined;
  /** Where it goes on in a text of which it is not given what is before. */
  readonly place?: SplitPlace | undefined;
}

const MAX_VALUE_BYTES = 64 * 1024 * 1024;

/**
 * Cuts results text into runs without reading it whole: documents `{"scenarios": [run, …]}`, bare runs, lists of them,
 * or any sequence of these (NDJSON). It only finds where a run begins and ends; `JSON.parse` decides what is valid. In
 * broken text it goes on at the next place where a run can begin, so that a broken run costs few others.
 */
export class ResultSplitter {
  readonly #maxValueBytes: number;
  /** What is not dealt with yet. */
  readonly #held = new HeldBytes();
  #next = 0;
  /** Where the value that is being read begins, or -1 between values. */
  #from = -1;
  /** The open brackets within that value. */
  readonly #open = new OpenBrackets();
  /** Whether that value is passed over, since it cannot be held. */
  #abandoned = false;
  #inString = false;
  #place: SplitPlace['within'] = 'outside';
  /** What goes before the rest of a document to make it whole again, once its runs have been cut out. */
  #prefix = '';
  #empty = true;
  /** Whether the rest of this line is passed over, since it is not JSON. */
  #skippingLine = false;
  readonly #sink: ResultSink;
  readonly #parts: ResultParts;
  readonly #scan: RunScan;

  constructor(sink: ResultSink, { maxValueBytes = MAX_VALUE_BYTES, place }: SplitterOptions = {}) {
    this.#sink = sink;
    this.#parts = new ResultParts(sink);
    this.#scan = new RunScan(sink, this.#parts);
    this.#maxValueBytes = maxValueBytes;
    if (place) this.#goOnAt(place);
  }

  #goOnAt({ byte, within, prefix, runs, isRecovering, isEmpty, isSkippingLine, passedOver }: SplitPlace): void {
    this.#held.passed = byte;
    this.#place = within;
    this.#prefix = prefix;
    this.#parts.runs = runs;
    this.#parts.recovering = isRecovering;
    this.#empty = isEmpty;
    this.#skippingLine = isSkippingLine;
    if (!passedOver) return;
    this.#from = 0;
    this.#open.kept = [...passedOver.open];
    this.#open.tooDeep = passedOver.tooDeep;
    this.#inString = passedOver.inString;
    this.#abandoned = true;
  }

  /** Where to go on later: behind the last complete value, unless what comes then is passed over. */
  get place(): SplitPlace {
    const isWithin = this.#from >= 0 && !this.#abandoned;
    const opening = this.#prefix === '' ? 'outside' : 'runs';
    return {
      byte: this.#held.passed + (isWithin ? this.#from : this.#next),
      within: isWithin && this.#place === 'document' ? opening : this.#place,
      prefix: this.#prefix,
      runs: this.#parts.runs,
      isRecovering: this.#parts.recovering,
      isEmpty: this.#empty,
      isSkippingLine: this.#skippingLine,
      ...(this.#abandoned && {
        passedOver: { open: [...this.#open.kept], tooDeep: this.#open.tooDeep, inString: this.#inString },
      }),
    };
  }

  /** Whether the text may end here: there is nothing left that is not complete. */
  get isComplete(): boolean {
    return !this.#empty && this.#place === 'outside' && this.#from < 0 && this.#next === this.#held.end;
  }

  /** Takes the next bytes and hands on what they complete. */
  push(chunk: Uint8Array): void {
    const keep = this.#from < 0 ? this.#next : this.#from;
    this.#held.replace(keep, chunk);
    this.#next -= keep;
    if (this.#from >= 0) this.#from = 0;
    this.#scan.waits = false;
    this.#scan.pushed = chunk.length;
    this.goOn();
  }

  /** Goes on where the sink was full, which it must before the next bytes come. */
  goOn(): void {
    this.#goOn(() => this.#sink.isFull === true);
  }

  #goOn(isOver: () => boolean): void {
    while (this.#next < this.#held.end && !this.#scan.waits && !isOver()) {
      if (this.#from < 0) this.#between();
      else if (!this.#inString) this.#within();
      else if (!this.#passString()) break;
    }
    if (this.#from >= 0) {
      this.#abandonLong(this.#held.end);
      if (this.#abandoned) this.#from = this.#next;
    }
  }

  /** Says what is missing where the text ended too early. */
  end(): void {
    this.#scan.waits = false;
    this.#goOn(() => false);
    if (this.#empty) this.#parts.broken('file', 'the text is empty');
    else if (this.#place !== 'outside') {
      const byte = this.#held.passed + this.#held.end;
      this.#parts.broken(
        'file',
        `the text is cut off at byte ${byte}, after ${countOf(this.#parts.runs, 'complete run')}`,
      );
    }
  }

  /** Goes on to where a value begins, or to where the list or the text ends. */
  #between(): void {
    const bytes = this.#held.bytes;
    let i = this.#next;
    if (this.#skippingLine) while (i < this.#held.end && bytes[i] !== NEWLINE) i++;
    else while (i < this.#held.end && isSpace(bytes[i] as number)) i++;
    this.#next = i;
    if (i === this.#held.end) return;
    const byte = bytes[i] as number;
    const outside = this.#place === 'outside';
    this.#empty &&= byte === COMMA;
    if (this.#skippingLine) this.#skippingLine = false;
    else if (byte === COMMA) this.#next++;
    else if (byte === OPEN_BRACE && this.#takeRun()) return;
    else if (byte === CLOSE_BRACKET && !outside) this.#endRuns();
    else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) {
      this.#parts.stray(`\`${String.fromCharCode(byte)}\` closes nothing, at byte ${this.#held.passed + i}`);
      this.#next++;
    } else if (outside) this.#betweenDocuments(byte);
    else this.#begin(i);
  }

  /** Takes a whole run, where that can be scanned, or waits for its end. */
  #takeRun(): boolean {
    const end = this.#scan.take(this.#held.bytes, this.#next, this.#held.end);
    if (end >= 0) this.#next = end;
    return end >= 0 || this.#scan.waits;
  }

  #betweenDocuments(byte: number): void {
    if (byte === OPEN_BRACE) {
      this.#place = 'document';
      this.#prefix = '';
      this.#begin(this.#next);
    } else if (byte === OPEN_BRACKET && !this.#parts.recovering) {
      this.#place = 'list';
      this.#next++;
    } else {
      const found = JSON.stringify(String.fromCharCode(byte));
      this.#parts.stray(`no JSON object at byte ${this.#held.passed + this.#next}: found ${found}`);
      this.#skippingLine = true;
    }
  }

  #begin(index: number): void {
    this.#from = index;
    this.#next = index;
    this.#open.restart();
  }

  /** Goes on within a value to its next bracket or string, or to its end. */
  #within(): void {
    const bytes = this.#held.bytes;
    const end = this.#held.end;
    const stops = this.#open.depth ? structural : separating;
    let i = this.#next;
    while (i < end && !stops[bytes[i] as number]) i++;
    this.#next = i;
    if (i === end) return;
    const byte = bytes[i] as number;
    if (byte === QUOTE) this.#inString = mayOpenString(byteBefore(bytes, this.#from, i));
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (this.#opens(byte, i)) return;
    } else if (this.#open.depth === 0) {
      this.#endValue(i);
      return;
    } else this.#open.close(byte);
    this.#next = i + 1;
    if (this.#open.depth === 0 && (byte === CLOSE_BRACE || byte === CLOSE_BRACKET)) this.#endValue(i + 1);
  }

  /** Takes an opening bracket into account; true where that has settled where to go on. */
  #opens(byte: number, i: number): boolean {
    if (byte === OPEN_BRACE && !this.#mayOpenObject(i)) {
      this.#endWithout(i);
      return true;
    }
    if (byte === OPEN_BRACKET && this.#opensRuns(i)) {
      const text = this.#take(i + 1);
      if (text !== undefined) this.#parts.document(`${this.#prefix}${text}]}`);
      this.#place = 'runs';
      return true;
    }
    if (!this.#open.open(byte)) this.#abandon(`a run is nested deeper than ${MAX_DEPTH} levels`);
    return false;
  }

  #mayOpenObject(i: number): boolean {
    return mayOpenObject(byteBefore(this.#held.bytes, this.#from, i), this.#open.innermost === OPEN_BRACKET);
  }

  /** Whether a bracket opens the list of runs of a document. */
  #opensRuns(i: number): boolean {
    return this.#place === 'document' && this.#open.depth === 1 && isRunsKeyBefore(this.#held.bytes, this.#from, i);
  }

  /** Passes a string; false where the bytes end too early to know. */
  #passString(): boolean {
    const end = stringEnd(this.#held.bytes, this.#next, this.#held.end);
    this.#inString = end < 0;
    this.#next = end < 0 ? ~end : end;
    return end >= 0 || this.#next === this.#held.end;
  }

  /** Leaves the list of runs; a document goes on behind it. */
  #endRuns(): void {
    if (this.#place === 'runs') {
      this.#place = 'document';
      this.#prefix = `{"${RUNS_KEY}":[`;
      this.#begin(this.#next);
      this.#open.restart([OPEN_BRACE]);
    } else this.#place = 'outside';
    this.#next++;
  }

  /** Ends a value before `index`. */
  #endValue(index: number): void {
    const bytes = this.#held.bytes.subarray(this.#from, index);
    const scanned = this.#scan.isCut && !this.#abandoned && this.#scan.at(this.#held.bytes, this.#from) === index;
    const text = scanned ? this.#leave(index) : this.#take(index);
    const isRest = this.#place === 'document' && this.#prefix !== '';
    if (this.#place === 'document') this.#place = 'outside';
    if (text === undefined) return;
    if (isRest) this.#parts.document(this.#prefix + text);
    else this.#parts.value(text, bytes);
  }

  /** Ends a value that goes on nowhere, since the next one begins at `index`. */
  #endWithout(index: number): void {
    const text = this.#take(index);
    if (this.#place === 'document') this.#place = 'outside';
    if (text === undefined) return;
    this.#parts.endless(text, `a run has no end before byte ${this.#held.passed + index}`);
  }

  /** The text of the value that ends before `index`, or undefined where it has been passed over. */
  #take(index: number): string | undefined {
    this.#abandonLong(index);
    const text = this.#abandoned ? undefined : this.#held.bytes.toString('utf8', this.#from, index);
    this.#leave(index);
    return text;
  }

  #leave(index: number): undefined {
    this.#abandoned = false;
    this.#scan.isCut = false;
    this.#from = -1;
    this.#next = index;
  }

  /** Passes over the value that is being read where it is too long up to `end`, be it whole or not. */
  #abandonLong(end: number): void {
    if (end - this.#from > this.#maxValueBytes) this.#abandon(`a run is longer than ${this.#maxValueBytes} bytes`);
  }

  /** Passes over the value that is being read. */
  #abandon(message: string): void {
    if (!this.#abandoned) this.#parts.broken('run', message);
    this.#abandoned = true;
  }
}
