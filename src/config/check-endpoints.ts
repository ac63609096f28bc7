import type { ZodType } from 'zod';
import { type Flaw, formatPlace, type Position, type Problem } from '../errors.ts';
import type { Marks } from '../plugin/index.ts';
import type { Endpoint } from '../plugin/listening.ts';
import { pathOf } from './check-components.ts';
import type { Component, Configuration } from './configuration.ts';
import { type LocatedMap, type Path, placeOf } from './located.ts';
import { marksAt } from './schema-at.ts';

type Started = Pick<Configuration, 'components' | 'pipelines' | 'extensions'>;

/** A value in a component's section that its schema marks as an endpoint. */
interface Marked {
  readonly component: Component;
  readonly marks: Marks;
  readonly value: unknown;
  /** The map that contains it. */
  readonly around: Readonly<Record<string, unknown>>;
  readonly at: Position;
  readonly path: string;
}

interface Listening extends Marked {
  readonly value: Endpoint;
}

/**
 * Checks the endpoints of all started components: those on one port must be able to share it, and an exporter must not
 * send to a receiver of its own pipeline, nor to an endpoint of this service that has no receiver.
 */
export function checkEndpoints(root: LocatedMap, started: Started, problems: Problem[]): void {
  const marked = startedComponents(started).flatMap((component) => markedValues(component, root));
  const listening = marked.filter(isListening);
  for (const [index, one] of listening.entries()) {
    const [flaw] = listening.slice(0, index).flatMap((other) => conflictOf(one, other) ?? []);
    if (flaw) problems.push({ code: 'CONFIG_PORT_CONFLICT', at: one.at, path: one.path, ...flaw });
  }
  for (const one of marked) {
    const flaw = one.marks.calls && one.component.kind === 'exporter' && loopOf(one, listening, started);
    if (flaw) problems.push({ code: 'CONFIG_PORT_CONFLICT', at: one.at, path: one.path, ...flaw });
  }
}

/** Returns a warning for each endpoint of a started component that other machines reach, and that lets everybody in. */
export function openEndpoints(root: LocatedMap, started: Started): string[] {
  const marked = startedComponents(started).flatMap((component) => markedValues(component, root));
  const open = marked.filter(isListening).filter(({ value: { host }, around: { auth, tls } }) => {
    const asksForCertificates = (tls as ServerTlsSection | undefined)?.client_ca_file !== undefined;
    return !isLoopback(host.toLowerCase()) && auth === undefined && !asksForCertificates;
  });
  return open.map(({ at, path }) => {
    const advice = 'set `auth`, or an address of loopback such as 127.0.0.1';
    return `${formatPlace(at)} ${path}: other machines reach it, and it lets everybody in; ${advice}`;
  });
}

interface ServerTlsSection {
  readonly client_ca_file?: string | undefined;
}

function startedComponents({ components, pipelines, extensions }: Started): Component[] {
  return components.filter(({ kind, id }) => {
    if (kind === 'provider') return false;
    if (kind === 'extension') return extensions.includes(id);
    return pipelines.some((pipeline) => pipeline[`${kind}s`].includes(id));
  });
}

function markedValues(component: Component, root: LocatedMap): Marked[] {
  const base = pathOf(component, root);
  const find = (value: unknown, path: Path, around: Marked['around']): Marked[] => {
    const marks = marksAt(component.plugin.configSchema as ZodType, path);
    if (marks.listens || marks.calls) {
      return [{ component, marks, value, around, ...placeOf(root, [...base, ...path]) }];
    }
    if (Array.isArray(value)) return value.flatMap((item, index) => find(item, [...path, index], around));
    if (!isMap(value)) return [];
    return Object.entries(value).flatMap(([key, item]) => find(item, [...path, key], value));
  };
  return find(component.config, [], {});
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Port 0 conflicts with nothing: the system chooses a free one. */
function isListening(marked: Marked): marked is Listening {
  const { host, port } = (marked.value ?? {}) as Partial<Endpoint>;
  return marked.marks.listens === true && typeof host === 'string' && typeof port === 'number' && port !== 0;
}

function conflictOf(one: Listening, other: Listening): Flaw | undefined {
  if (one.value.port !== other.value.port) return undefined;
  const place = formatEndpoint(one.value);
  const second = `\`${other.component.id}\` (${formatPlace(other.at)})`;
  if (place !== formatEndpoint(other.value)) {
    if (!overlap(one.value.host, other.value.host)) return undefined;
    const message = `${second} listens on ${formatEndpoint(other.value)}, which overlaps with ${place}`;
    return { message, remedy: 'write both the same way to share one listener, or give one of them another port' };
  }
  if (one.marks.alone || other.marks.alone) {
    const message = `${second} listens on ${place} too, and one of them cannot share it`;
    return { message, remedy: 'give one of them another port' };
  }
  const part = (['tls', 'auth'] as const).find((key) => !isSame(one, other, key));
  if (part) {
    const message = `${second} listens on ${place} too, with another \`${part}\``;
    return { message, remedy: 'use the same for both, or give one of them another port' };
  }
  if (one.component.plugin !== other.component.plugin || !isSamePaths(one, other)) return undefined;
  const message = `${second} serves the same paths on ${place}`;
  return { message, remedy: 'give one of them another port, or use one of the two in all pipelines' };
}

/** Sections from two folders count as equal, since their relative paths cannot be compared. */
function isSame(one: Marked, other: Marked, key: 'tls' | 'auth'): boolean {
  const [a, b] = [one.around[key], other.around[key]];
  const isComparable = one.component.directory === other.component.directory || a === undefined || b === undefined;
  return !isComparable || JSON.stringify(a) === JSON.stringify(b);
}

/** Whether two sections of one plugin set the same URL paths. */
function isSamePaths({ around: a }: Marked, { around: b }: Marked): boolean {
  const paths = (map: Marked['around']) => Object.values(map).filter((value) => String(value).startsWith('/'));
  return JSON.stringify(paths(a)) === JSON.stringify(paths(b));
}

/** A host name counts as an IPv4 address, except that `localhost` may be either loopback address. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [one, other].map((host) => host.toLowerCase()) as [string, string];
  if (a === b || a === '::' || b === '::') return true;
  if (a === '0.0.0.0' || b === '0.0.0.0') return !(a.includes(':') || b.includes(':'));
  return isLoopback(a) && isLoopback(b) && (a === 'localhost' || b === 'localhost');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** An exporter may send to receivers of other pipelines. */
function loopOf({ component, value }: Marked, listening: readonly Listening[], started: Started): Flaw | undefined {
  if (!URL.canParse(String(value))) return undefined;
  const { hostname, port, protocol } = new URL(String(value));
  const called = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (protocol === 'https:' ? 443 : 80)) };
  const own = listening.filter(({ value }) => value.port === called.port && reaches(called.host, value.host));
  const pipelines = started.pipelines.filter(({ exporters }) => exporters.includes(component.id));
  const isOfOthers = ({ component: { kind, id } }: Marked) =>
    kind === 'receiver' && !pipelines.some(({ receivers }) => receivers.includes(id));
  const [first] = own;
  if (!first || own.some(isOfOthers)) return undefined;
  const isLoop = own.some(({ component: { kind } }) => kind === 'receiver');
  const what = isLoop ? 'the exporter sends to its own pipeline' : 'no receiver there accepts what it sends';
  const message = `\`${first.component.id}\` (${formatPlace(first.at)}) listens there, so ${what}`;
  return { message, remedy: 'give the endpoint of another server' };
}

function reaches(called: string, host: string): boolean {
  return called === host || (isLoopback(called) && (isLoopback(host) || host === '0.0.0.0' || host === '::'));
}

function formatEndpoint({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`.toLowerCase();
}
