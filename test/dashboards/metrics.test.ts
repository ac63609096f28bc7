import { expect, it } from 'vitest';
import { Loader } from '../../src/loader.ts';
import type { Kind } from '../../src/plugin/kind.ts';
import { parseExposition } from '../kit/exposition.ts';
import { freePort } from '../kit/free-port.ts';
import { queriesOf, readDashboards } from './dashboard-files.ts';
import { startWorking } from './filled-server.ts';
import { interpolate } from './interpolate.ts';

const KINDS: readonly Kind[] = ['receiver', 'processor', 'exporter', 'provider', 'extension'];
const FUNCTIONS = new Set(
  (
    'and avg bottomk by clamp_max count group_left ignoring increase label_replace last_over_time max min on or rate ' +
    'sort sum topk vector without'
  ).split(' '),
);
const range = { from: 0, to: 3600 };

/** The names of metrics in a query: whatever is a word, and neither a label, a text nor a function. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replace(/"(?:[^"\\]|\\.)*"/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(by|without|ignoring|on|group_left) \([^)]*\)/g, '');
  return (bare.match(/[a-zA-Z_:][\w:]*/g) ?? []).filter((word) => !FUNCTIONS.has(word));
}

async function emitted(): Promise<Set<string>> {
  const loader = new Loader();
  const names = new Set<string>();
  for (const kind of KINDS) {
    for (const type of await loader.types(kind)) {
      const plugin = await loader.find(kind, type);
      for (const name of Object.keys(plugin?.emits ?? {})) names.add(name);
    }
  }
  return names;
}

it('finds the metrics of a query', () => {
  const expression = 'sum by (scenario) (rate(a_total{le="b_c"}[5m])) or 0 * max without (job, x) (b_d) or vector(0)';
  expect(metricsIn(expression)).toEqual(['a_total', 'b_d']);
});

it('asks for nothing that neither a plugin declares nor a running Wattline shows', async () => {
  const wattline = await startWorking(await freePort());
  try {
    const used = [...readDashboards()].flatMap(([name, dashboard]) =>
      queriesOf(name, dashboard).flatMap(({ expression }) => metricsIn(interpolate(expression, dashboard, range))),
    );
    expect(used).toContain('cost_exporter_alive');
    const declared = await emitted();
    await expect
      .poll(async () => {
        const shown = new Set(parseExposition(await wattline.scrape()).map(({ name }) => name));
        return [...new Set(used)].filter((name) => !declared.has(name) && !shown.has(name));
      })
      .toEqual([]);
  } finally {
    await wattline.stop();
  }
});
