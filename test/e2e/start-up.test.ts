import { describe, expect, it } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { type LoadedModules, recordModules } from '../kit/loaded-modules.ts';
import { twoRuns } from '../kit/results.ts';
import { runOnce, startWattline } from '../kit/wattline-process.ts';

const files = {
  'results.json': JSON.stringify(twoRuns),
  'prices.csv': 'from,usd_per_kwh\n2024-01-01,0.13\n2025-01-01,0.13\n',
};

function configWith({ include = './results.json', price = '', exporter = 'debug', settings = '' } = {}): string {
  return `
receivers: { file: { include: ['${include}'] } }
processors: { predictor: {}, cost: { region: us-east-1 ${price} }, co2: { region: us-east-1 } }
exporters: { ${exporter}: { ${settings} } }
service: { pipelines: { metrics: { receivers: [file], processors: [predictor, cost, co2], exporters: [${exporter}] } } }
`;
}

/** What `run --once` loads. */
async function loadedBy(config: string): Promise<LoadedModules> {
  return recordModules(async (option) => {
    const { code, stdout } = await runOnce({ config, files, env: { NODE_OPTIONS: option } });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('total of 2 runs') });
  });
}

/** The packages that some files are of. */
function packagesOf({ files }: LoadedModules): string[] {
  return [...new Set(files.flatMap((file) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []))].sort();
}

describe('starting', () => {
  it('loads only what the configuration needs', async () => {
    const loaded = await loadedBy(configWith({ settings: 'summary: true' }));
    expect(packagesOf(loaded)).toMatchInlineSnapshot(`
      [
        "@opentelemetry/api",
        "@opentelemetry/core",
        "@opentelemetry/resources",
        "@opentelemetry/sdk-metrics",
        "@opentelemetry/semantic-conventions",
        "@pinojs/redact",
        "ansi-regex",
        "atomic-sleep",
        "cli-table3",
        "commander",
        "emoji-regex",
        "fastest-levenshtein",
        "is-fullwidth-code-point",
        "on-exit-leak-free",
        "pino",
        "pino-std-serializers",
        "quick-format-unescaped",
        "safe-stable-stringify",
        "simple-statistics",
        "sonic-boom",
        "string-width",
        "strip-ansi",
        "thread-stream",
        "yaml",
        "zod",
      ]
    `);
    // Three quarters of them are zod's, yaml's and OpenTelemetry's, which the published package has in one file.
    expect(loaded.files.length).toBeLessThan(650);
    const seldom = /^(https?|tls|_http_server|sqlite|zlib|internal\/deps\/undici\/undici)$/;
    expect(loaded.builtins.filter((name) => seldom.test(name))).toEqual([]);
  });

  it('loads more where it is needed', async () => {
    const config = configWith({
      settings: 'summary: true',
      include: './r*.json',
      price: ', price: [{ file: prices.csv, effective_from: 2020-01-01 }]',
    });
    expect(packagesOf(await loadedBy(config))).toEqual(
      expect.arrayContaining(['csv-parse', 'temporal-polyfill', 'tinyglobby']),
    );
  });

  it('loads no client of HTTP and no TLS to serve metrics, before the first scrape has OpenTelemetry’s exporter load', async () => {
    const port = await freePort();
    const config = configWith({ exporter: 'prometheus', settings: `endpoint: 127.0.0.1:${port}` });
    const loaded = await recordModules(async (option) => {
      const wattline = await startWattline({ config, files, env: { NODE_OPTIONS: option } });
      await wattline.waitFor(`http://127.0.0.1:${port}/health`);
      expect(await wattline.stop()).toBe(0);
    });
    expect(loaded.builtins).toContain('_http_server');
    expect(loaded.builtins.filter((name) => /^(https|tls|internal\/deps\/undici\/undici)$/.test(name))).toEqual([]);
  });
});
