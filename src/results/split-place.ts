/** A place in a text from which on it can be split later, with what is known of the text before. */
export interface SplitPlace {
  /** How many bytes are before it. */
  readonly byte: number;
  readonly within: 'outside' | 'document' | 'runs' | 'list';
  readonly prefix: string;
  /** How many runs there have been. */
  readonly runs: number;
  readonly isRecovering: boolean;
  readonly isEmpty: boolean;
  readonly isSkippingLine: boolean;
  /** What is open in a value that is passed over, if the place is in one. */
  readonly passedOver?: { readonly open: readonly number[]; readonly tooDeep: number; readonly inString: boolean };
}
