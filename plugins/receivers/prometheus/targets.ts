import { hostname } from 'node:os';
import type { Attributes } from '@opentelemetry/api';
import { duration, hostOfAddress, isLoopback } from 'wattline/plugin';
import type { Job } from './config.ts';
import type { Labels } from './relabel.ts';

/** What is scraped, and what its runs say of it. */
export interface TargetFacts {
  readonly url: string;
  /** The host that is scraped. */
  readonly host: string;
  /** What it is called: its label `instance`, else its address. */
  readonly name: string;
  readonly attributes: Attributes;
  /** Its labels that are no one's own, with `job` and `instance`. */
  readonly labels: Labels;
  /** Milliseconds. */
  readonly interval: number;
  readonly timeout: number;
}

const ADDRESS = /^(?<host>\[[0-9a-fA-F:.]+\]|[^\s:/?#@[\]]+)(?::(?<port>\d{1,5}))?$/;
const PARAMETER = '__param_';
/** Milliseconds between two scrapes of a target at least. */
const SHORTEST = 10;
/** Names of resource attributes that labels of Prometheus cannot have, which are without dots. */
const dotted = [
  'service.name',
  'service.namespace',
  'service.instance.id',
  'host.name',
  'host.id',
  'container.id',
  'container.name',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.node.name',
  'k8s.node.uid',
  'k8s.pod.name',
  'k8s.pod.uid',
  'k8s.container.name',
  'cloud.provider',
  'cloud.region',
  'deployment.environment.name',
];
const attributeNames = new Map(dotted.map((name) => [name.replaceAll('.', '_'), name]));

const scrapeTime = duration({ least: '1ms', most: '24h' });

/** Returns the labels with which a target goes into `relabel_configs`, by those under which it was found. */
export function labelsOf(found: Labels, job: Job): Labels {
  const params = Object.entries(job.params as Readonly<Record<string, readonly string[] | undefined>>);
  return {
    job: job.job_name,
    __scheme__: job.scheme,
    __metrics_path__: job.metrics_path,
    __scrape_interval__: durationText(job.scrape_interval),
    __scrape_timeout__: durationText(job.scrape_timeout),
    ...Object.fromEntries(params.flatMap(([name, values]) => (values?.[0] ? [[PARAMETER + name, values[0]]] : []))),
    ...found,
  };
}

/**
 * Returns the target that relabelled labels make. In a job that `isPlain`, which neither relabels nor discovers, labels are
 * attributes as they are. Throws where the labels make no URL or no time.
 */
export function targetFacts(labels: Labels, job: Job, isPlain: boolean): TargetFacts {
  const { __address__: address = '', __scheme__: scheme, __metrics_path__: path = '' } = labels;
  const { host: written, port } = ADDRESS.exec(address)?.groups ?? {};
  if (written === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535)
    throw new Error(`\`__address__\` must be host:port, and is \`${address}\``);
  if (scheme !== 'http' && scheme !== 'https')
    throw new Error(`\`__scheme__\` of ${address} must be http or https, and is \`${scheme}\``);
  const interval = Math.max(SHORTEST, timeOf(labels, '__scrape_interval__', job.scrape_interval));
  const timeout = Math.min(timeOf(labels, '__scrape_timeout__', job.scrape_timeout), interval);
  const host = written.replace(/^\[|\]$/g, '');
  const pathAndQuery = withParameters(path.startsWith('/') ? path : `/${path}`, labels, job);
  const own = Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith('__')));
  const attributes = attributesOf({ address, host, port, path: pathAndQuery }, own, job, isPlain);
  const name = (isPlain ? undefined : own.instance) ?? address;
  const url = `${scheme}://${address}${pathAndQuery}`;
  return { url, host, name, attributes, labels: { instance: name, ...own }, interval, timeout };
}

interface Place {
  readonly address: string;
  readonly host: string;
  readonly port: string | undefined;
  readonly path: string;
}

/**
 * Returns what a target's runs say of it. One that shows another machine, `?target=` in its path, is that machine; what is
 * reached by a loopback address is this one.
 */
function attributesOf({ address, host, port, path }: Place, labels: Labels, job: Job, isPlain: boolean): Attributes {
  const probed = new URL(path, 'http://target').searchParams.get('target') ?? undefined;
  const machine = probed === undefined ? host : probedHost(probed);
  const { job: service = job.job_name, instance, ...others } = withDots(labels);
  const named = { 'service.name': service, 'service.instance.id': instance ?? probed ?? address };
  const plain = { 'service.name': job.job_name, 'service.instance.id': probed ?? address };
  return {
    ...job.external_labels,
    ...(isPlain ? plain : named),
    'server.address': machine,
    ...(probed === undefined && port !== undefined && { 'server.port': Number(port) }),
    ...(isLoopback(machine) && { 'host.name': hostname() }),
    ...(isPlain ? plainLabels(labels, job) : others),
  };
}

/** The labels as they were listed. */
function plainLabels({ job: service, ...others }: Labels, job: Job): Labels {
  return { ...others, ...(service !== undefined && service !== job.job_name && { job: service }) };
}

function withDots(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [attributeNames.get(name) ?? name, value]));
}

/** The host of what a multi-target exporter is asked for: a URL, `host:port`, or a host. */
function probedHost(probed: string): string {
  if (URL.canParse(probed) && probed.includes('//')) return new URL(probed).hostname;
  return hostOfAddress(probed) ?? probed;
}

/** Returns the path with its query and the parameters, of which labels have the first value. */
function withParameters(path: string, labels: Labels, job: Job): string {
  const params = new Map(Object.entries(job.params as Readonly<Record<string, readonly string[]>>));
  for (const [label, value] of Object.entries(labels)) {
    if (!label.startsWith(PARAMETER)) continue;
    const name = label.slice(PARAMETER.length);
    params.set(name, [value, ...(params.get(name) ?? []).slice(1)]);
  }
  const pairs = [...params].flatMap(([name, values]) => values.map((value): [string, string] => [name, value]));
  if (pairs.length === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(pairs)}`;
}

function timeOf(labels: Labels, name: string, standard: number): number {
  const text = labels[name] ?? '';
  if (text === '' || text === durationText(standard)) return standard;
  const { data } = scrapeTime.safeParse(text);
  if (data === undefined) throw new Error(`\`${name}\` must be a duration up to 24h, and is \`${text}\``);
  return data;
}

/** A duration as Prometheus writes it, such as `1m30s`. */
function durationText(milliseconds: number): string {
  let rest = Math.round(milliseconds);
  const parts = [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const;
  const text = parts.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return text.join('');
}
