import { Attribute } from '../model/attributes.ts';
import { type PredictedAttributes, predictedCpu, predictedPower } from '../model/predicted.ts';
import { RUNS_KEY } from './parts.ts';

/** A list of numbers that are 0 or more, NaN where one is missing: a range of an array that nobody changes any more. */
export class ScannedList {
  all = new Float64Array(0);
  from = 0;
  length = 0;
  /** The sum of its values in their order; NaN where one is missing. */
  sum = 0;
}

/** A field of which runs have said more different texts is not expected to say one of them again. */
const MAX_TEXTS = 16;

/** A key of runs, and what the run that is being read says under it. */
export class Field {
  /** What a list that was scanned is put into; undefined where the field is no list of numbers. */
  readonly list: ScannedList | undefined;
  /** The attribute that it becomes as it is, where it is none of those that are known. */
  readonly attribute: string | undefined;
  /** What JSON has, or `list`; undefined where the run has no such field. */
  value: unknown;
  /** The plain texts that runs have said under it, as long as there are few: most say one of the same from run to run. */
  texts: string[] = [];
  #isVaried = false;
  /** The field that came behind it last, and the bytes from the one value to the other, in words: the last four are one. */
  next: Field | undefined;
  link = new Int32Array(0);
  linkLength = 0;

  constructor(isList: boolean, attribute?: string) {
    this.list = isList ? new ScannedList() : undefined;
    this.attribute = attribute;
  }

  /** Remembers a text that runs may say again; once there were many different ones, as of names, it remembers none. */
  keep(text: string): void {
    if (this.#isVaried) return;
    this.texts.push(text);
    if (this.texts.length <= MAX_TEXTS) return;
    this.#isVaried = true;
    this.texts = [];
  }

  /** Remembers that this field came behind it, over at least four bytes. */
  leadTo(next: Field, { buffer, byteOffset, length }: Uint8Array): void {
    const view = new DataView(buffer, byteOffset, length);
    this.next = next;
    this.link = Int32Array.from({ length: Math.ceil(length / 4) }, (_, i) =>
      view.getInt32(Math.min(4 * i, length - 4), true),
    );
    this.linkLength = length;
  }
}

/** More keys than that are left to `JSON.parse`. */
const MAX_FIELDS = 1000;
/** JSON.parse puts such keys before the others; and what lists runs is no run. */
const UNLIKE_OTHERS = /^\d|^$/;

/** The fields on a prediction of power, which are attributes such as `power.predicted_watts`. */
const PREDICTION = [
  'predicted_watts',
  'predicted_watts_lower',
  'predicted_watts_upper',
  'interval_level',
  'extrapolated',
] as const;

/** The fields of runs that are known, and the others as they come. */
export class Fields {
  readonly name = new Field(false);
  readonly region = new Field(false);
  readonly bitrate = new Field(false);
  readonly encoder = new Field(false);
  readonly encoderType = new Field(false);
  readonly startTime = new Field(false);
  readonly endTime = new Field(false);
  readonly duration = new Field(false);
  readonly streams = new Field(false);
  readonly sampling = new Field(false);
  readonly powerKind = new Field(false);
  readonly cpuKind = new Field(false);
  /** What is predicted of power and of CPU use, which stay attributes. */
  readonly predicted = [predictedPower, predictedCpu].map(predictedFields);
  /** It says how `wattline measure` knew the power, and stays an attribute too. */
  readonly powerSource = new Field(false, 'run.power_source');
  /** What a run wrote; each stays an attribute too. */
  readonly vmafScore = new Field(false, Attribute.vmafScore);
  readonly outputBytes = new Field(false, Attribute.outputBytes);
  readonly outputBitsPerSecond = new Field(false, Attribute.outputBitsPerSecond);
  readonly step = new Field(false);
  readonly timestamps = new Field(true);
  readonly power = new Field(true);
  readonly cpu = new Field(true);
  /** Those of the run that are none of the known ones, in its order. */
  readonly others: Field[] = [];
  readonly #byKey = new Map<string, Field>([
    ['name', this.name],
    ['region', this.region],
    ['bitrate', this.bitrate],
    ['encoder', this.encoder],
    ['encoder_type', this.encoderType],
    ['start_time', this.startTime],
    ['end_time', this.endTime],
    ['duration', this.duration],
    ['streams', this.streams],
    ['sampling', this.sampling],
    ['power', this.powerKind],
    ['cpu', this.cpuKind],
    ...this.predicted.flatMap(({ numbers, extrapolated }) =>
      [...numbers, extrapolated].map((field) => [fieldName(field), field] as const),
    ),
    ['power_source', this.powerSource],
    ['vmaf_score', this.vmafScore],
    ['output_bytes', this.outputBytes],
    ['output_bits_per_second', this.outputBitsPerSecond],
    ['step_seconds', this.step],
    ['timestamps', this.timestamps],
    ['power_watts', this.power],
    ['cpu_usage_cores', this.cpu],
    ...PREDICTION.map((name): [string, Field] => [name, new Field(false, `power.${name}`)]),
  ]);

  /** The fields of the run in its order, as far as `count`. */
  readonly #seen: Field[] = [];
  #count = 0;

  /** Begins with a run that has said nothing yet. */
  clear(): void {
    for (let i = 0; i < this.#count; i++) (this.#seen[i] as Field).value = undefined;
    this.#count = 0;
    if (this.others.length > 0) this.others.length = 0;
  }

  /** Takes note that the run has that field; false where it has had it before. */
  begin(field: Field): boolean {
    if (field.value !== undefined) return false;
    this.#seen[this.#count++] = field;
    if (field.attribute !== undefined) this.others.push(field);
    return true;
  }

  /** Begins with a run that says what JSON has. */
  fill(run: Readonly<Record<string, unknown>>): void {
    this.clear();
    for (const [key, value] of Object.entries(run)) {
      const field = this.#byKey.get(key) ?? new Field(false, `run.${key}`);
      this.begin(field);
      field.value = value;
    }
  }

  /** The field of that key, or undefined where it is none of a run that can be scanned. */
  of(key: string): Field | undefined {
    let field = this.#byKey.get(key);
    if (field || key === RUNS_KEY || UNLIKE_OTHERS.test(key) || this.#byKey.size === MAX_FIELDS) return field;
    field = new Field(false, `run.${key}`);
    this.#byKey.set(key, field);
    return field;
  }
}

/** Returns the fields of what is predicted of a signal: the prediction, its bounds and the level, and whether it is extrapolated. */
function predictedFields({ value, lower, upper, level, extrapolated }: PredictedAttributes) {
  return {
    numbers: [value, lower, upper, level].map((attribute) => new Field(false, attribute)),
    extrapolated: new Field(false, extrapolated),
  };
}

/** Returns the key of a field by its attribute, such as `power_predicted_watts`, or `vmaf_score` of `run.vmaf_score`. */
export function fieldName({ attribute = '' }: Field): string {
  return attribute.replace(/^run\./, '').replaceAll('.', '_');
}
