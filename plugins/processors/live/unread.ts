import { hash } from 'node:crypto';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import type { Processor, Run, SourceContext } from 'wattline/plugin';
import { powerUnitOf } from './power-like.ts';

/** What is not read, as the status has it. */
export type UnreadStatus = ReturnType<NonNullable<Processor['unread']>>;

/** How many metrics and senders are named, and how many are known at all: senders make the names. */
const MOST_NAMED = 200;
const MOST_KNOWN = 10_000;
/** How much of a name is shown, and how long one is that is kept. */
const SHOWN = 200;
const LONGEST = 500;
/** How many labels by which points differ are named. */
const MOST_LABELS = 5;
/** Units of power whose hours have a unit of their own. */
const hours: ReadonlySet<string> = new Set(['W', 'kW', 'MW']);
/** After so many runs without a meter a sender is named: others of its resources may have some. */
const SILENT = 3;

/** Of whom nothing has been read: how often, and a metric that it sent. */
interface Silent {
  runs: number;
  readonly metric: string;
}

/** Names what looks like power and is not read, and who sends nothing that is: each once in the log, and in the status. */
export class Unread {
  readonly #logger: SourceContext['logger'];
  /** The metrics that look like power, and others. */
  readonly #named = new Set<string>();
  readonly #plain = new Set<string>();
  readonly #metrics: UnreadStatus['metrics'][number][] = [];
  #more = 0;
  readonly #silent = new Map<string, Silent>();
  readonly #heard = new Set<string>();

  constructor(logger: SourceContext['logger']) {
    this.#logger = logger;
  }

  /** What has been named. */
  get status(): UnreadStatus {
    const silent = [...this.#silent].filter(([, { runs }]) => runs >= SILENT);
    return {
      metrics: [...this.#metrics],
      more: this.#more,
      senders: silent.map(([sender, { metric }]) => ({ sender, metric })),
    };
  }

  /** Judges a metric that is no meter, which `sender` says the sender of; of a name once. */
  judge(metric: MetricData, sender: () => string): void {
    const { name } = metric.descriptor;
    const key = name.length > LONGEST ? hash('sha256', name) : name;
    if (this.#plain.has(key) || this.#named.has(key) || this.#named.size === MOST_KNOWN) return;
    const unit = unitOf(metric);
    if (unit === undefined) {
      // These are judged again, so that what comes after many of them is judged at all.
      if (this.#plain.size === MOST_KNOWN) this.#plain.clear();
      this.#plain.add(key);
      return;
    }
    this.#named.add(key);
    if (this.#metrics.length === MOST_NAMED) {
      if (this.#more === 0) this.#logger.warn('more metrics look like power and are not read, and are not named');
      this.#more++;
      return;
    }
    const shown = name.slice(0, SHOWN);
    const labels = labelsThatDiffer(metric);
    const one = { name: shown, unit, sender: sender().slice(0, SHOWN), labels };
    this.#metrics.push(one);
    const meter = `{ metric: ${shown}, unit: ${unit}, boundary: host }`;
    const remedy = `to read it, write \`live: { meters: [${meter}] }\`, with what it measures`;
    const what = `\`${shown}\` of ${one.sender} looks like power or energy and is not read`;
    this.#logger.warn(`${what}; ${remedy}${choiceOf(labels)}`);
  }

  /** Notes that a sender has sent something, and whether anything of it was read. */
  note(who: string, run: Run, isRead: boolean): void {
    const sender = who.slice(0, SHOWN);
    if (this.#heard.has(sender)) return;
    if (isRead) {
      if (this.#heard.size === MOST_KNOWN) this.#heard.clear();
      this.#heard.add(sender);
      this.#silent.delete(sender);
      return;
    }
    const metric = run.metrics.flatMap(({ metrics }) => metrics)[0]?.descriptor.name.slice(0, SHOWN);
    const silent = this.#silent.get(sender) ?? (metric === undefined ? undefined : { runs: 0, metric });
    if (!silent || (silent.runs === 0 && this.#silent.size === MOST_NAMED)) return;
    this.#silent.set(sender, silent);
    silent.runs++;
    if (silent.runs !== SILENT) return;
    const what = `nothing is read of what ${sender} sends, such as \`${silent.metric}\``;
    this.#logger.info(`${what}; where a meter is among it, name it in \`live: { meters: […] }\``);
  }
}

/** Returns the unit that a metric of power or energy seems to have; undefined where it is none. */
function unitOf({ descriptor, dataPointType, ...metric }: MetricData): string | undefined {
  if (dataPointType !== DataPointType.GAUGE && dataPointType !== DataPointType.SUM) return undefined;
  const unit = powerUnitOf(descriptor.name, descriptor.unit);
  // Power does not only rise: a counter named so has its hours left out, as Tasmota's `…_kilowatts_total` of kWh.
  const isCounter = 'isMonotonic' in metric && metric.isMonotonic;
  return isCounter && unit !== undefined && hours.has(unit) ? `${unit}h` : unit;
}

/** Returns the labels that not all points of a metric have with the same value. */
function labelsThatDiffer({ dataPoints }: MetricData): string[] {
  const [first, ...others] = dataPoints.map(({ attributes }) => attributes);
  const names = new Set(dataPoints.flatMap(({ attributes }) => Object.keys(attributes)));
  const differ = [...names].filter((name) => others.some((attributes) => attributes[name] !== first?.[name]));
  return differ.slice(0, MOST_LABELS).map((name) => name.slice(0, SHOWN));
}

/** Says how to choose among the points of a metric, where labels tell them apart. */
function choiceOf(labels: readonly string[]): string {
  if (labels.length === 0) return '';
  const differ = `its points differ by ${labels.map((label) => `\`${label}\``).join(', ')}`;
  return `; ${differ} and add up, unless \`where\` says which of them count, or \`identity\` which label names their host`;
}
