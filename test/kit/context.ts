import { resolve } from 'node:path';
import { Writable } from 'node:stream';
import type { Meter } from '@opentelemetry/api';
import type { DataPoint, MetricData } from '@opentelemetry/sdk-metrics';
import pino from 'pino';
import { Listeners } from '../../src/http/listeners.ts';
import { Secrets } from '../../src/model/secrets.ts';
import type { Consumer, Provider } from '../../src/plugin/contract.ts';
import {
  allTaken,
  type Extension,
  type Line,
  type Outcome,
  type Run,
  type ServiceStatus,
  type Skipped,
  type SourceContext,
} from '../../src/plugin/index.ts';
import { memoryStates } from '../../src/plugin/states.ts';
import type { Storage } from '../../src/plugin/storage.ts';
import { createTelemetry } from '../../src/service/telemetry.ts';

/** A context for one stage under test, and everything that the stage does with it. */
export interface TestContext {
  readonly ctx: SourceContext;
  /** The runs that the stage has handed on and that were taken, in order. */
  readonly runs: Run[];
  /** What it has skipped, in order. */
  readonly skips: Skipped[];
  /** How it has explained its figures, in order. */
  readonly lines: Line[];
  /** The lines that it has logged, as `level: message`. */
  readonly logs: string[];
  /** What it has printed to standard output. */
  printed(): string;
  /** The value of one of the process's own metrics, by name and some of its attributes; undefined where there is none. */
  ownMetric(name: string, attributes?: Readonly<Record<string, string>>): Promise<number | undefined>;
}

export interface TestContextOptions {
  readonly id?: string;
  /** What the paths of the configuration are relative to. */
  readonly directory?: string;
  /** Takes the runs in place of the context's own consumer, all of them where it says nothing; the others are not gathered. */
  readonly next?: (...given: Parameters<Consumer['consume']>) => unknown;
  /** What the stage's configuration may refer to, by id. */
  readonly providers?: Readonly<Record<string, Provider>>;
  readonly storages?: Readonly<Record<string, Storage>>;
  readonly authenticators?: Readonly<Record<string, Pick<Extension, 'serverAuth' | 'clientAuth'>>>;
  /** How the stages are doing; by default there are none, and all is well since 1970. */
  readonly status?: () => ServiceStatus;
  /** What it makes its instruments with, in place of one that `ownMetric` reads. */
  readonly meter?: Meter;
  readonly progress?: SourceContext['progress'];
}

/** Makes a context like the one of a running service, with real listeners and telemetry, and a logger that prints nothing. */
export function createTestContext(options: TestContextOptions = {}): TestContext {
  const { id = 'tested', directory = '.', next, providers, storages, authenticators, status = allIsWell } = options;
  const runs: Run[] = [];
  const skips: Skipped[] = [];
  const lines: Line[] = [];
  const logs: string[] = [];
  const printed: string[] = [];
  const secrets = new Secrets();
  const telemetry = createTelemetry(secrets);
  const logger = pino({ level: 'trace' }, { write: (line: string) => logs.push(shorten(line)) });
  const count = telemetry.skipper('component', id, pino({ enabled: false }));
  const memory = memoryStates();
  const stdout = new Writable({
    write(chunk, _, done) {
      printed.push(String(chunk));
      done();
    },
  });
  const ctx: SourceContext = {
    id,
    logger,
    meter: options.meter ?? telemetry.meters.getMeter('test'),
    telemetry: telemetry.producer,
    http: new Listeners().forComponent(),
    stdout,
    resolvePath: (path) => resolve(directory, path),
    skip(skipped) {
      skips.push(skipped);
      count(skipped);
    },
    status,
    serverAuth: (name) => found('authenticator', name, authenticators?.[name]?.serverAuth),
    clientAuth: (name) => found('authenticator', name, authenticators?.[name]?.clientAuth),
    hide: (text) => secrets.add(text),
    progress: options.progress,
    provider: (name) => found('provider', name, providers?.[name]),
    storage: (name) => found('storage', name, storages?.[name]),
    states: (name) => (name === undefined ? memory : found('storage', name, storages?.[name])),
    explain: (more) => lines.push(...more),
    next: {
      async consume(list, signal) {
        const outcome = ((await next?.(list, signal)) as Outcome | undefined) ?? allTaken;
        const missing = new Set([...outcome.deferred, ...outcome.refused.map(({ run }) => run)]);
        runs.push(...list.filter((run) => !missing.has(run)));
        return outcome;
      },
    },
  };
  return {
    ctx,
    runs,
    skips,
    lines,
    logs,
    printed: () => printed.join(''),
    async ownMetric(name, attributes = {}) {
      const { resourceMetrics } = await telemetry.producer.collect();
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      const points = metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints as DataPoint<number>[];
      const wanted = Object.entries(attributes);
      return points?.find((point) => wanted.every(([key, value]) => point.attributes[key] === value))?.value;
    },
  };
}

/** The figures of a run by name: every number metric with a single point. */
export function figures(run: Run | undefined): Record<string, number> {
  return Object.fromEntries(figurePoints(run).map(([name, point]) => [name, point.value]));
}

/** The labels of one figure of a run. */
export function figureLabels(run: Run | undefined, name: string): Record<string, unknown> | undefined {
  return figurePoints(run).find(([known]) => known === name)?.[1].attributes;
}

/** The same value, frozen all the way down, so that whoever edits it throws. Typed arrays cannot be frozen and are left. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  // Getters of the SDK keep what they have made, and are asked before that is too late.
  const parts = [...Object.values(value), ...givenBy(value)];
  Object.freeze(value);
  for (const part of parts) deepFreeze(part);
  return value;
}

/** What the getters of its class give. */
function givenBy(value: object): unknown[] {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return [];
  const getters = Object.values(Object.getOwnPropertyDescriptors(prototype)).map(({ get }) => get);
  return getters.flatMap((get) => (get ? [get.call(value)] : []));
}

function figurePoints(run: Run | undefined): (readonly [string, DataPoint<number>])[] {
  const metrics: MetricData[] = run?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
  return metrics.flatMap(({ descriptor, dataPoints }) => {
    const [point] = dataPoints as DataPoint<number>[];
    return point && dataPoints.length === 1 ? [[descriptor.name, point] as const] : [];
  });
}

function allIsWell(): ServiceStatus {
  return { state: 'running', upSince: new Date(0), pipelines: [], stages: [] };
}

function found<T>(kind: string, name: string, value: T | undefined): T {
  if (!value) throw new Error(`there is no ${kind} \`${name}\``);
  return value;
}

function shorten(line: string): string {
  const { level, msg } = JSON.parse(line) as { level: number; msg: string };
  return `${pino.levels.labels[level]}: ${msg}`;
}
