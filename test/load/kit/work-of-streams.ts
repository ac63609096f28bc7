import { hostBodies, METERS_A_HOST, usedBy } from '../../bench/kit/host-bodies.ts';
import { parseExposition } from '../../kit/exposition.ts';
import type { Work } from './work.ts';

const HOSTS = 200;
/** The most that sums may differ by from the truth, relative. */
const PRECISION = 1e-9;
const DAYS_BEFORE = 10;
/** Tags of a point's time and value. */
const [TIME, VALUE] = [0x19, 0x21];

/** Streams of many hosts by OTLP through `live` and `totals` to `/metrics`. */
export function workOfStreams(): Work {
  const began = Math.floor(Date.now() / 1000) - DAYS_BEFORE * 86_400;
  const templates = hostBodies(HOSTS, 0, began).map(
    (body, index) => new Template(body, hostBodies(HOSTS, 1, began)[index] as Buffer),
  );
  let sent = 0;
  const send: Work['send'] = (ask) => {
    const template = templates[sent % templates.length] as Template;
    const scrape = Math.floor(sent++ / templates.length);
    return ask('/v1/metrics', template.at(scrape), 'application/x-protobuf');
  };
  return {
    name: 'streams to counters',
    request: `${METERS_A_HOST} meters of ${HOSTS / templates.length} hosts`,
    configuration: (receiver, page, folder) => `
extensions: { file_storage: { directory: ${folder}/state } }
receivers: { http: { endpoint: 127.0.0.1:${receiver} } }
processors:
  memory_limiter: { limit_mib: 400 }
  live: { storage: file_storage, max_streams: 20000 }
  energy: {}
  cost: { region: us-east-1 }
  co2: { region: us-east-1 }
  totals: { storage: file_storage }
exporters: { prometheus: { endpoint: 127.0.0.1:${page} } }
service:
  extensions: [file_storage]
  pipelines:
    metrics: { receivers: [http], processors: [memory_limiter, live, energy, cost, co2, totals], exporters: [prometheus] }
`,
    async begin(ask) {
      while (sent < templates.length) {
        const { status } = await send(ask);
        if (status !== 200) throw new Error(`the first scrape was answered ${status}`);
      }
    },
    send,
    async check(receiver, page) {
      const last = Math.ceil(sent / templates.length);
      for (sent = last * templates.length; sent < (last + 1) * templates.length; ) {
        const { status } = await send(receiver);
        if (status !== 200) sent--;
      }
      const samples = parseExposition((await page('/metrics')).text);
      const truth = usedBy(HOSTS, last + 1);
      const wanted = { energy_joules_total: truth.joules, cpu_core_seconds_total: truth.coreSeconds };
      for (const [name, value] of Object.entries(wanted)) {
        const sum = samples.reduce((all, sample) => all + (sample.name === name ? sample.value : 0), 0);
        if (!(Math.abs(sum / value - 1) <= PRECISION)) throw new Error(`${name} is ${sum}, and should be ${value}`);
      }
      return `the counters of ${HOSTS} hosts are what these have used in ${last + 1} scrapes, to ${PRECISION}`;
    },
  };
}

/** A request of which only times and values change, by as much from each scrape to the next. */
class Template {
  readonly #first: Buffer;
  /** Where a time stands, and behind it a value. */
  readonly #places: number[] = [];
  readonly #second: Buffer;

  constructor(first: Buffer, second: Buffer) {
    this.#first = first;
    this.#second = second;
    for (let i = 0; i + 17 < first.length; i++) {
      if (first[i] !== TIME || first[i + 9] !== VALUE) continue;
      const step = second.readBigUInt64LE(i + 1) - first.readBigUInt64LE(i + 1);
      if (step > 0n && step % 1_000_000_000n === 0n) this.#places.push(i + 1);
    }
    if (this.#places.length === 0) throw new Error('a request has no time that moves');
  }

  at(scrape: number): Buffer {
    const body = Buffer.from(this.#first);
    for (const place of this.#places) {
      const [time, value] = [body.readBigUInt64LE(place), body.readDoubleLE(place + 9)];
      body.writeBigUInt64LE(time + BigInt(scrape) * (this.#second.readBigUInt64LE(place) - time), place);
      body.writeDoubleLE(value + scrape * (this.#second.readDoubleLE(place + 9) - value), place + 9);
    }
    return body;
  }
}
