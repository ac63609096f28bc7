import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { allocatedBytes, traceAllocations } from '../kit/allocations.ts';
import { SERIES_A_RUN } from '../kit/figures-page.ts';
import { resultsFile } from '../kit/inputs.ts';
import { startWattlinePage } from '../kit/page-server.ts';
import { type Bench, type Row, spreadIn, type Unit } from '../kit/row.ts';
import { timeOnce } from '../kit/run-once.ts';

/** The sizes between which counts are taken, so that start-up is no part of them. */
const FEW = 1000;
const SOME = 5500;
const MANY = 10_000;
const SCRAPES = 200;

/** Counts that do not depend on the machine: what is allocated, read and sent. */
export const counts: Bench = {
  name: 'counts',
  async run({ wattline, log }) {
    log('counts');
    return [...(await countOnce(wattline)), ...(await countScrapes(wattline)), ...(await countRequests(wattline))];
  },
};

async function countOnce(wattline: readonly string[]): Promise<Row[]> {
  const taken: { allocated: number; read: number; bytes: number }[] = [];
  // The first one may read other things than the rest: Node keeps compiled code on disk.
  for (const runs of [FEW, FEW, SOME, MANY]) {
    const { path, bytes } = await resultsFile(runs);
    const { stdout, bytesRead = Number.NaN } = await timeOnce([...traceAllocations, ...wattline], path);
    taken.push({ allocated: allocatedBytes(stdout), read: bytesRead, bytes });
  }
  const [few, some, many] = taken.slice(1) as [(typeof taken)[0], (typeof taken)[0], (typeof taken)[0]];
  const early = (some.allocated - few.allocated) / (SOME - FEW);
  const late = (many.allocated - some.allocated) / (MANY - SOME);
  return [
    // Of at most 10,000 runs the predictor keeps what it has learnt for the next configuration: 1,600 B of these.
    rowOf('allocated', 'heap bytes that run --once allocates a run', 'B', late, 9500),
    rowOf('allocated-growth', 'the same from 5,500 to 10,000 runs, beside 1,000 to 5,500', '×', late / early, 1.15),
    rowOf(
      'passes',
      'bytes read of each byte of a results file',
      '×',
      (many.read - few.read) / (many.bytes - few.bytes),
      1.1,
    ),
  ];
}

/** What a scrape of unchanged figures allocates must not depend on how many there are: their text is there. */
async function countScrapes(wattline: readonly string[]): Promise<Row[]> {
  const perScrape: number[] = [];
  for (const runs of [FEW, MANY]) {
    const { path } = await resultsFile(runs);
    const server = await startWattlinePage({ wattline: [...traceAllocations, ...wattline], path });
    try {
      await server.client.send('/metrics');
      // What is learnt is fitted in the background two seconds after it has arrived.
      await setTimeout(5000);
      const before = allocatedBytes(server.output());
      for (let i = 0; i < SCRAPES; i++) await server.client.send('/metrics');
      perScrape.push((allocatedBytes(server.output()) - before) / SCRAPES);
    } finally {
      await server.stop();
    }
  }
  const [few, many] = perScrape as [number, number];
  const bytes = (many - few) / ((MANY - FEW) * SERIES_A_RUN);
  return [rowOf('scrape', 'heap bytes a series that a scrape allocates while nothing changes', 'B', bytes, 14)];
}

/** What is sent to a server that takes everything in the place of VictoriaMetrics. */
async function countRequests(wattline: readonly string[]): Promise<Row[]> {
  let requests = 0;
  let bytes = 0;
  const server = createServer((request, response) => {
    const isImport = request.url?.startsWith('/api/v1/import') === true;
    if (isImport) requests++;
    request.on('data', ({ length }: Buffer) => {
      if (isImport) bytes += length;
    });
    request.on('end', () => response.writeHead(isImport ? 204 : 404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { path } = await resultsFile(MANY);
    const { port } = server.address() as AddressInfo;
    await timeOnce(wattline, path, `victoriametrics: { endpoint: "http://127.0.0.1:${port}" }`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return [
    // Others have their turn every 10 ms of reading, and what waits is sent then: a slow machine sends more, with less each.
    rowOf('requests', 'requests to VictoriaMetrics for 1,000 runs', 'requests', requests / (MANY / 1000), 20),
    rowOf('bytes-sent', 'bytes sent to it a run', 'B', bytes / MANY, 600),
  ];
}

function rowOf(id: string, measure: string, unit: Unit, value: number, most: number): Row {
  return {
    id: `counts/${id}`,
    measure,
    goal: `≤ ${most.toLocaleString('en')} ${unit}`,
    value: spreadIn(unit, [value]),
    most,
  };
}
