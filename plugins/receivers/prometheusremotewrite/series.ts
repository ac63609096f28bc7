import type { Attributes } from '@opentelemetry/api';
import { instanceAttributes } from 'wattline/prometheus';

/** A label of a series. */
export type Label = readonly [name: string, value: string];

/** What the labels of a series say. */
export interface Series {
  readonly name: string;
  /** The resource attributes of the target that it is of: the same object for all series of a target. */
  readonly target: Attributes;
  /** Its other labels; nobody changes them. */
  readonly attributes: Attributes;
  /** Why it cannot be taken, if it cannot. */
  readonly flaw?: Flaw;
}

/** Why a series or a sample of it cannot be taken. */
export interface Flaw {
  /** A word in lower_snake_case. */
  readonly reason: string;
  /** What is wrong, to follow the labels. */
  readonly problem: string;
}

/** How labels are read. */
export interface LabelOptions {
  /** The resource attributes that labels beside `job` and `instance` become, by their names. */
  readonly resourceLabels: ReadonlyMap<string, string>;
  /** Labels that tell apart servers that scrape the same. */
  readonly replicaLabels: ReadonlySet<string>;
}

const NAME = '__name__';
/** How many targets are known at once, and how long their labels are together: senders make them. */
const MOST_TARGETS = 20_000;
const MOST_CHARACTERS = 16 * 1024 * 1024;

/** Reads labels of series. It keeps the attributes of targets, to give the same again. */
export class SeriesLabels {
  readonly #options: LabelOptions;
  readonly #targets = new Map<string, Attributes>();
  #characters = 0;

  constructor(options: LabelOptions) {
    this.#options = options;
  }

  /** Returns what the labels of a series say. */
  read(labels: readonly Label[]): Series {
    const { resourceLabels, replicaLabels } = this.#options;
    const all = new Map<string, string>();
    let flaw: Flaw | undefined;
    for (const [name, value] of labels) {
      if (name === '') flaw = { reason: 'no_label_name', problem: 'has a label without a name' };
      if (all.has(name)) flaw = { reason: 'label_twice', problem: `has the label \`${shown(name)}\` twice` };
      all.set(name, value);
    }
    const name = all.get(NAME) ?? '';
    if (name === '') flaw = { reason: 'no_name', problem: 'has no label `__name__`' };
    const lifted: [string, string][] = [];
    const own: [string, string][] = [];
    for (const [label, value] of all) {
      if (value === '' || label === NAME || label === 'job' || label === 'instance' || replicaLabels.has(label))
        continue;
      const attribute = resourceLabels.get(label);
      if (attribute === undefined) own.push([label, value]);
      else lifted.push([attribute, value]);
    }
    const target = this.#target(all.get('job') || undefined, all.get('instance') || undefined, lifted);
    return { name, target, attributes: Object.freeze(Object.fromEntries(own)), ...(flaw && { flaw }) };
  }

  #target(job: string | undefined, instance: string | undefined, lifted: readonly [string, string][]): Attributes {
    const key = JSON.stringify([job, instance, ...lifted.flat()]);
    const known = this.#targets.get(key);
    if (known) return known;
    const service: Attributes = job === undefined ? {} : { 'service.name': job };
    const own = instance === undefined ? service : instanceAttributes({}, instance, job);
    const target = Object.freeze({ ...own, ...Object.fromEntries(lifted) });
    this.#characters += key.length;
    if (this.#targets.size === MOST_TARGETS || this.#characters > MOST_CHARACTERS) {
      this.#targets.clear();
      this.#characters = key.length;
    }
    this.#targets.set(key, target);
    return target;
  }
}

/** How much of a text a message shows. */
const SHOWN = 100;
const MOST_SHOWN = 30;

/** Returns a series as Prometheus writes it, `name{label="value"}`. */
export function seriesText(labels: readonly Label[]): string {
  const name = labels.find(([label]) => label === NAME)?.[1] ?? '';
  const others = labels.filter(([label]) => label !== NAME).slice(0, MOST_SHOWN);
  const list = others.map(([label, value]) => `${shown(label)}=${JSON.stringify(shown(value))}`);
  return `${shown(name)}{${list.join(', ')}${labels.length > MOST_SHOWN ? ', …' : ''}}`;
}

function shown(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
