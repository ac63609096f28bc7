import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../kit/checkout.ts';
import { freePort } from '../kit/free-port.ts';
import { startCollector } from './collector.ts';
import { sendPower } from './python-sdk.ts';
import { type StartedWattline, startReadyConfiguration } from './wattline.ts';

interface CollectorSnippet {
  readonly service: { readonly pipelines: Readonly<Record<string, { readonly receivers: readonly string[] }>> };
}

const receiver = /(?:127\.0\.0\.1|localhost):4318/g;

/** The code of a README, blocks and words, that matches. */
async function codeIn(file: string, pattern: RegExp): Promise<string[]> {
  const text = await readFile(join(projectRoot, file), 'utf8');
  const code = [...text.matchAll(/^```\w*\n(.*?)^```$|`([^`\n]+)`/gms)].map(([, block, words]) => block ?? words ?? '');
  const found = code.filter((snippet) => pattern.test(snippet));
  expect(found, `code in ${file} that matches ${pattern}`).not.toEqual([]);
  return found;
}

async function expectFigure(wattline: StartedWattline): Promise<void> {
  const usd = async () => {
    const samples = await wattline.samples();
    return samples
      .filter(({ name }) => /^cost_\w+_load_aware_usd_total$/.test(name))
      .reduce((sum, { value }) => sum + value, 0);
  };
  await expect.poll(usd, { timeout: 90_000 }).toBeGreaterThan(0);
}

it("the README's lines for a Collector give a figure", async () => {
  const own = `127.0.0.1:${await freePort()}`;
  for (const snippet of await codeIn('README.md', /^exporters:\n {2}otlp_?http/m)) {
    const wattline = await startReadyConfiguration('live.yaml');
    // The receiver that a Collector mostly has.
    const before = `receivers: { otlp: { protocols: { http: { endpoint: "${own}" } } } }`;
    await startCollector(before, snippet.replace(receiver, wattline.address));
    const { pipelines } = (parse(snippet) as CollectorSnippet).service;
    if (Object.values(pipelines).some(({ receivers }) => receivers.includes('otlp'))) {
      const resource = 'service.name=job,host.name=node-a';
      const endpoint = `http://${own}`;
      await sendPower({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_RESOURCE_ATTRIBUTES: resource }, [100, 200]);
    }
    await expectFigure(wattline);
  }
});

it('the variables for an SDK give a figure', async () => {
  for (const snippet of await codeIn('plugins/receivers/http/README.md', /^OTEL_EXPORTER_OTLP/)) {
    const wattline = await startReadyConfiguration('live.yaml');
    const [, name = '', value = ''] = /^(\w+)=(\S+)$/m.exec(snippet.replace(receiver, wattline.address)) ?? [];
    await sendPower({ [name]: value, OTEL_RESOURCE_ATTRIBUTES: 'service.name=job,host.name=node-a' }, [100, 200]);
    await expectFigure(wattline);
  }
});
