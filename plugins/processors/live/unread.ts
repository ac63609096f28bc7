import type { MetricData } from '@opentelemetry/sdk-metrics';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import type { Processor, Run, SourceContext } from 'wattline/plugin';
import { powerUnitOf } from './power-like.ts';

/** What is not read, as the status has it. */
export type UnreadStatus = ReturnType<NonNullable<Processor['unread']>>;

/** How many metrics and senders are named, and how many are known at all: senders make the names. */
const MOST_NAMED = 200;
const MOST_KNOWN = 10_000;
/** How much of a name is shown. */
const SHOWN = 200;
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
  readonly #judged = new Set<string>();
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
  judge({ descriptor: { name, unit: declared }, dataPointType }: MetricData, sender: () => string): void {
    if (this.#judged.has(name) || this.#judged.size === MOST_KNOWN) return;
    this.#judged.add(name);
    const isNumber = dataPointType === DataPointType.GAUGE || dataPointType === DataPointType.SUM;
    const unit = isNumber ? powerUnitOf(name, declared) : undefined;
    if (unit === undefined) return;
    if (this.#metrics.length === MOST_NAMED) {
      if (this.#more === 0) this.#logger.warn('more metrics look like power and are not read, and are not named');
      this.#more++;
      return;
    }
    const shown = name.slice(0, SHOWN);
    const one = { name: shown, unit, sender: sender() };
    this.#metrics.push(one);
    const meter = `{ metric: ${shown}, unit: ${unit}, boundary: host }`;
    const remedy = `to read it, write \`live: { meters: [${meter}] }\`, with what it measures`;
    this.#logger.warn(`\`${shown}\` of ${one.sender} looks like power or energy and is not read; ${remedy}`);
  }

  /** Notes that a sender has sent something, and whether anything of it was read. */
  note(sender: string, run: Run, isRead: boolean): void {
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
