import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import energy from '../../plugins/processors/energy/index.ts';
import live from '../../plugins/processors/live/index.ts';
import prometheus from '../../plugins/receivers/prometheus/index.ts';
import type { Processor, Receiver, Run } from '../../src/plugin/index.ts';
import type { UnreadStatus } from '../../src/plugin/status.ts';
import { projectRoot } from '../kit/checkout.ts';
import { createTestContext } from '../kit/context.ts';

const { signal } = new AbortController();
const folder = new URL('./pages/', import.meta.url);
const readme = readFileSync(`${projectRoot}plugins/processors/live/README.md`, 'utf8');
/** Seconds between two scrapes. */
const INTERVAL = 60;

/** What a page says of itself in its comments. */
interface Page {
  readonly name: string;
  readonly text: string;
  readonly sources: readonly string[];
  /** What comes of two scrapes: `host=… boundary=… joules=…`. */
  readonly expected: readonly string[];
  /** What is named where `live` has no configuration; nothing of it is read then. */
  readonly unread: readonly string[];
}

const pages = readdirSync(folder).map((file): Page => {
  const text = readFileSync(new URL(file, folder), 'utf8');
  const of = (key: string) =>
    [...text.matchAll(new RegExp(`^# ${key}: (.*)$`, 'gm'))].map(([, value]) => value as string);
  const unread = of('unread').flatMap((names) => names.split(' '));
  return { name: file.replace('.txt', ''), text, sources: of('source'), expected: of('expect'), unread };
});

/** The page of a scrape, with its time: `5..7` is 5 at the first one and 7 at the second. */
function pageAt({ text }: Page, scrape: 0 | 1, time: number): string {
  return text.replaceAll(/^([^#\n].*) (\S+?)(?:\.\.(\S+))?$/gm, (_, series: string, first: string, second = first) => {
    return `${series} ${scrape === 0 ? first : second} ${Math.round(time * 1000)}`;
  });
}

let scrape: 0 | 1 = 0;
const begun = Date.now() / 1000 - INTERVAL;
const server = createServer((request, response) => {
  const page = pages.find(({ name }) => `/${name}` === request.url) as Page;
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
  response.end(pageAt(page, scrape, begun + scrape * INTERVAL));
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** What comes of two scrapes of pages, as the pages have it, and what was not read. */
async function scraped(some: readonly Page[], config: object) {
  const { ctx: end, runs } = createTestContext();
  const before = (stage: Processor) => createTestContext({ next: (given, within) => stage.consume(given, within) });
  const joules = energy.create(end as never, energy.configSchema.parse({})) as Processor;
  const counted = live.create(before(joules).ctx, live.configSchema.parse(config)) as Required<Processor>;
  const { ctx } = before(counted);
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const scrape_configs = some.map(({ name }) => ({
    job_name: name,
    metrics_path: `/${name}`,
    static_configs: [{ targets: [target], labels: { 'host.name': name } }],
  }));
  const settings = prometheus.configSchema.parse({ scrape_configs });
  await counted.start(signal);
  for (scrape of [0, 1] as const) {
    const receiver = prometheus.create(ctx, settings) as Required<Receiver>;
    await receiver.readOnce(signal);
  }
  return { figures: figuresOf(runs), unread: counted.unread() };
}

/** The sums of all slices of a host and boundary. */
function figuresOf(runs: readonly Run[]): string[] {
  const sums = new Map<string, number>();
  for (const { attributes, figures } of runs) {
    for (const { definition, value } of figures) {
      const host = `host=${attributes.scenario}`;
      const joules = `${host} boundary=${attributes.boundary} joules`;
      const what = { energy_joules: joules, cpu_core_seconds: `${host} core_seconds` }[definition.name];
      if (what !== undefined) sums.set(what, (sums.get(what) ?? 0) + value);
    }
  }
  return [...sums].map(([what, sum]) => `${what}=${Number(sum.toPrecision(9))}`);
}

/** The lines of meters that the README of `live` shows. */
function configured(): object {
  const section = readme.split(/^### /m).find((part) => part.startsWith('Meters by configuration\n')) ?? '';
  return parse(/```yaml\n(.*?)```/s.exec(section)?.[1] ?? '').processors.live;
}

const namesIn = ({ metrics }: UnreadStatus) => metrics.map(({ name }) => name);

describe('pages in the shape of exporters', () => {
  it('are twenty at least, and say where their shape is from', () => {
    expect(new Set(pages.map(({ sources }) => sources[0]?.split('@')[0])).size).toBeGreaterThanOrEqual(20);
    for (const { name, sources, expected } of pages) {
      expect(sources.length, name).toBeGreaterThan(0);
      for (const source of sources) expect(source).toMatch(/^[\w.-]+\/[\w.-]+@[0-9a-f]{40} \S+$/);
      expect(expected.length, name).toBeGreaterThan(0);
    }
  });

  it.each(pages.filter(({ unread }) => unread.length === 0))('$name is read without configuration', async (page) => {
    const { figures, unread } = await scraped([page], {});
    expect(figures.sort()).toEqual(page.expected.toSorted());
    expect(unread).toEqual({ metrics: [], more: 0, senders: [] });
  });

  it.each(pages.filter(({ unread }) => unread.length > 0))(
    '$name is not, and what is not read is named',
    async (page) => {
      const { figures, unread } = await scraped([page], {});
      expect(figures).toEqual([]);
      expect(namesIn(unread).sort()).toEqual(page.unread.toSorted());
    },
  );

  it('are all read with the lines that the README shows', async () => {
    const { figures } = await scraped(pages, configured());
    expect(figures.sort()).toEqual(pages.flatMap(({ expected }) => expected).sort());
  });
});
