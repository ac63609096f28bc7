/**
 * A load of twice what the process can take: memory stays flat, what is accepted arrives, and the rest is refused with
 * `Retry-After` while `/health` answers.
 * Run by `npm run test:load -- --minutes 10`; needs victoria-metrics on the PATH.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machineLine, thisMachine } from '../bench/kit/machine.ts';
import { cpuSecondsOf } from '../bench/kit/process-usage.ts';
import { startServer } from '../bench/kit/server-process.ts';
import { freePort } from '../kit/free-port.ts';
import { startVictoriaMetrics } from '../kit/peers.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { offer, sendInTurn } from './kit/offer.ts';
import { asker } from './kit/poster.ts';
import { percentile, slopeOf } from './kit/slope.ts';
import type { Work } from './kit/work.ts';
import { workOfRuns } from './kit/work-of-runs.ts';
import { workOfStreams } from './kit/work-of-streams.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    /** `runs`, `streams`, or both. */
    only: { type: 'string', default: 'runs,streams' },
    times: { type: 'string', default: '2' },
    cli: { type: 'string', default: fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url)) },
  },
});
const SENDERS = 128;
/** Requests that may be open at once; a process that lets more pile up has more of them due than are sent. */
const MOST_OPEN = 500;
const FINDING_SECONDS = 10;
const HEALTH_EVERY = 100;
const seconds = Number(values.minutes) * 60;

console.log(machineLine(thisMachine()));
const server = await startVictoriaMetrics(['-retentionPeriod=100y', '-memory.allowedPercent=10']);
for (const only of values.only.split(',')) await load(only === 'runs' ? workOfRuns(server.url) : workOfStreams());
await server.stop();

async function load(work: Work): Promise<void> {
  const [receiver, page] = [await freePort(), await freePort()];
  const folder = await temporaryFolder();
  await folder.write({ 'wattline.yaml': work.configuration(receiver, page, folder.path) });
  const { pid, ...wattline } = await startServer(
    [values.cli, 'run', '--config', `${folder.path}/wattline.yaml`],
    /receiving OTLP/,
  );
  const sender = asker(`http://127.0.0.1:${receiver}`, MOST_OPEN);
  const reader = asker(`http://127.0.0.1:${page}`, 1);
  const answers = new Map<string, number>();
  const send = async () => {
    const { status, retryAfter, text } = await work.send(sender.ask);
    const kind = status === 0 ? text : `${status}${retryAfter ? ' with Retry-After' : ''}`;
    answers.set(kind, (answers.get(kind) ?? 0) + 1);
  };
  await work.begin?.(sender.ask);
  // The first seconds fill what waits, and compile the code.
  await sendInTurn(SENDERS, FINDING_SECONDS, send);
  answers.clear();
  await sendInTurn(SENDERS, FINDING_SECONDS, send);
  const found = (answers.get('200') ?? 0) / FINDING_SECONDS;
  answers.clear();
  const rate = found * Number(values.times);
  console.log(
    `\n${work.name}: takes ${found.toFixed(0)} requests a second of ${work.request}; ${rate.toFixed(0)} are offered`,
  );
  const before = cpuSecondsOf(pid);
  const watched = watch(pid, reader.ask);
  const { notSent, mostOpen } = await offer(rate, seconds, MOST_OPEN, send);
  const { health, unanswered, resident } = await watched.end();
  const total = [...answers.values()].reduce((sum, times) => sum + times, 0);
  console.log(`  answers: ${[...answers].map(([kind, times]) => `${times} × ${kind}`).join(', ')}, of ${total}`);
  console.log(`  ${notSent} were due while ${MOST_OPEN} others were open; at most ${mostOpen} were`);
  console.log(
    `  accepted a second: ${((answers.get('200') ?? 0) / seconds).toFixed(0)}; CPU ${((cpuSecondsOf(pid) - before) / seconds).toFixed(2)} cores`,
  );
  const shares = [0.5, 0.9, 0.99, 1].map((share) => percentile(health, share).toFixed(0));
  console.log(
    `  /health: ${shares.join(', ')} ms at 50, 90, 99 and 100 % of ${health.length}, ${unanswered} without an answer`,
  );
  const minute = Math.min(60, Math.floor(resident.length / 3));
  const steady = resident.slice(minute);
  const { rise, error } = slopeOf(
    [...steady.keys()].map((second) => second / 60),
    steady,
  );
  const [second, last] = [steady.slice(0, minute), steady.slice(-minute)].map((part) =>
    percentile(part, 0.5).toFixed(0),
  );
  console.log(
    `  resident: ${second} MiB in the second minute, ${last} MiB in the last, ${Math.max(...resident).toFixed(0)} MiB at most`,
  );
  console.log(`  ${rise.toFixed(2)} ± ${error.toFixed(2)} MiB a minute`);
  try {
    console.log(`  ${await work.check(sender.ask, reader.ask)}`);
  } catch (error) {
    console.log(`  LOST: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
  sender.close();
  reader.close();
  await wattline.stop();
  await folder.remove();
}

/** Looks at the memory of a process each second, and asks for its health ten times a second. */
function watch(pid: number, ask: ReturnType<typeof asker>['ask']) {
  const health: number[] = [];
  const resident: number[] = [];
  let unanswered = 0;
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const { status, ms } = await ask('/health');
      if (status === 200) health.push(ms);
      else unanswered++;
      await sleep(Math.max(0, HEALTH_EVERY - ms));
    }
  })();
  const looking = setInterval(() => {
    const kib = /VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    resident.push(Number(kib) / 1024);
  }, 1000);
  return {
    async end() {
      isOver = true;
      clearInterval(looking);
      await asking;
      return { health, unanswered, resident };
    },
  };
}
