import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../../src/commands/explain.ts';
import { blocksOf } from '../kit/arithmetic.ts';
import { FakeService, type ServiceAnswer, type ServiceRequest } from '../kit/fake-service.ts';
import { startGridService } from '../kit/grid-service.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { runWattline } from '../kit/wattline-process.ts';

let folder: TemporaryFolder;
let service: FakeService;
beforeAll(async () => {
  folder = await temporaryFolder({});
});
afterEach(() => service.stop());
afterAll(() => folder.remove());

async function serve(answer: FakeService['answer']): Promise<FakeService> {
  service = await new FakeService(answer).start();
  return service;
}

/** Ten seconds at 100 W that began so many hours ago. */
const runOf = (name: string, hoursAgo: number, more: object = {}) => {
  const start_time = Date.now() / 1000 - hoursAgo * 3600;
  return { name, start_time, duration: 10, step_seconds: 10, power_watts: [100, 100], ...more };
};

/** Writes a configuration with these sections, and its runs. */
async function write(sections: string, processors: readonly string[], scenarios: readonly object[]): Promise<void> {
  const config = `
receivers: { file: { include: [results.json] } }
exporters: { debug: }
${sections}
service: { pipelines: { metrics: { receivers: [file], processors: [${processors}], exporters: [debug] } } }
`;
  await folder.write({ 'wattline.yaml': config, 'results.json': JSON.stringify({ scenarios }) });
}

/** What `explain` prints of them, by run, and the error that it ends with. */
async function explained(...given: Parameters<typeof write>) {
  await write(...given);
  let text = '';
  const stdout = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  const config = [`${folder.path}/wattline.yaml`];
  const error = await explain({
    ...{ results: `${folder.path}/results.json`, config, environment: {}, stdout },
    stopped: new AbortController().signal,
  }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(text).not.toMatch(/^ +at .+:\d+|s3cret/m);
  return { blocks: blocksOf(text), error };
}

const providers = {
  electricity_maps: 'token: s3cret-token',
  uk_carbon_intensity: '',
  watttime: 'username: me, password: s3cret-word, regions: { eu-west-2: GB }',
};
type ProviderName = keyof typeof providers;

function sectionsOf(name: ProviderName, url: string, settings: string): string {
  const own = [providers[name], settings, `endpoint: "${url}"`].filter(Boolean).join(', ');
  return `providers: { ${name}: { ${own} } }\nprocessors: { co2: { region: eu-west-2, provider: ${name} } }`;
}

/** What is said of a provider in the blocks of runs: under the factor that stands in, or where there is no figure. */
async function saidOf(name: ProviderName, answer: FakeService['answer'], settings = '', ages: readonly number[] = [2]) {
  const { url } = await serve(answer);
  const runs = ages.map((age, index) => runOf(`run ${index}`, age));
  const { blocks, error } = await explained(sectionsOf(name, url, settings), ['co2'], runs);
  expect(error).toBeUndefined();
  return runs.map((run) => {
    const block = blocks.get(run.name) ?? '';
    const hasFigure = block.includes('\n  co2_emissions_kg = ');
    expect(hasFigure, block).toBe(name !== 'watttime' || !block.includes(' gave nothing: '));
    const under = new RegExp(`^ {6}# intensity/.+, (?:live|cached|fallback)\\n(?: {6}# ${name} (gave .+)\\n)?`, 'm');
    const without = new RegExp(`^ {2}– no co2_emissions_kg: no factor is known for .+; ${name} (gave .+)$`, 'm');
    return (hasFigure ? under : without).exec(block)?.[1];
  });
}

/** Logs in at WattTime, and answers as told elsewhere. */
const behindLogin = (answer: ServiceAnswer) => (asked: ServiceRequest) =>
  asked.path === '/login' ? { json: { token: 'a-token' } } : answer;

const nothing = {
  electricity_maps: { zone: 'GB', history: [] },
  uk_carbon_intensity: { data: [] },
  watttime: {
    data: [],
    meta: { region: 'GB', signal_type: 'co2_moer', units: 'lbs_co2_per_mwh', data_point_period_seconds: 300 },
  },
};

describe.each(Object.keys(providers) as ProviderName[])('the provider %s', (name) => {
  it.each<[string, ServiceAnswer, RegExp]>([
    ['denies access', { status: 401, text: 's3cret-token is wrong' }, /answered 401; check the credentials$/],
    ['forbids it', { status: 403 }, /answered 403; the account may not have this place, or this time$/],
    ['has nothing there', { status: 404 }, /answered 404; check `endpoint`/],
    ['asks for fewer requests', { status: 429, headers: { 'retry-after': '60' } }, /answered 429; it asks for fewer/],
    ['is in an outage', { status: 503, text: '<html>' }, /answered 503$/],
    ['answers with HTML', { status: 200, text: '<html><h1>Sign in</h1>' }, /does not answer with JSON$/],
    ['answers with another shape', { json: { error: 'no' } }, /does not answer as documented: .+/],
    ['has no value of the time', { json: nothing[name] }, /: the service has no value of this time$/],
  ])('that %s is said to have', async (_, answer, said) => {
    const [text] = await saidOf(name, behindLogin(answer));
    expect(text).toMatch(/^gave nothing: /);
    expect(text).toMatch(said);
  });

  it('that does not answer in time is said to be late', async () => {
    const never = behindLogin({ status: 200, after: new Promise(() => {}) });
    expect((await saidOf(name, never, 'timeout: 300ms'))[0]).toMatch(/^gave nothing: no answer .*within 0\.3 s$/);
  });

  it('that is away is said to be, and why it is left alone', async () => {
    const { url } = await serve(() => ({ status: 200 }));
    await service.stop();
    const runs = [runOf('first', 2), runOf('second', 3)];
    const { blocks, error } = await explained(sectionsOf(name, url, ''), ['co2'], runs);
    expect(error).toBeUndefined();
    expect(blocks.get('first')).toMatch(/gave nothing: no answer from .+: connect ECONNREFUSED/);
    expect(blocks.get('second')).toMatch(
      /gave nothing: the service is left alone for a while: no answer from .+REFUSED/,
    );
  });
});

describe('a provider', () => {
  it('whose login is refused says so', async () => {
    const [text] = await saidOf('watttime', () => ({ status: 403 }));
    expect(text).toBe(
      'gave nothing: the login is refused; check `username` and `password`: ' +
        `${service.url}/login answered 403; the account may not have this place, or this time`,
    );
  });

  it('that is held back by its own rate limit says so', async () => {
    const grid = await startGridService(0.2);
    const limit = 'rate_limit: { requests: 1, interval: 1h }';
    const [first, second] = await saidOf('uk_carbon_intensity', grid.answer, limit, [2, 200]);
    await grid.stop();
    expect([first, second]).toEqual([undefined, 'gave nothing: no request is left by `rate_limit`']);
  });

  it('that does not know the place says so', async () => {
    const { url } = await serve(() => ({ status: 500 }));
    const sections = sectionsOf('uk_carbon_intensity', url, '').replace('region: eu-west-2', 'region: us-east-1');
    const { blocks } = await explained(sections, ['co2'], [runOf('elsewhere', 2)]);
    expect(blocks.get('elsewhere')).toContain(
      '      # a table says 0.418 kg/kWh: Electricity Maps, zone US-MIDA-PJM, yearly average, by way of CO2.js 0.19.0, 2025; `dataset: electricity_maps` takes it\n' +
        '      # uk_carbon_intensity gave nothing: the Carbon Intensity API is about Great Britain only\n',
    );
    expect(blocks.get('elsewhere')).not.toContain('\n  – no intensity');
  });

  it('that has part of a time says why it lacks the rest, once', async () => {
    const grid = await startGridService(0.2);
    const some = (asked: ServiceRequest) => {
      const { data } = (grid.answer(asked) as { json: { data: object[] } }).json;
      const intensity = { forecast: 'n/a', actual: null };
      return { json: { data: data.map((row, index) => (index === 0 ? row : { ...row, intensity })) } };
    };
    const { url } = await serve(some);
    const run = runOf('long', 6, { duration: 10_000, step_seconds: 10_000 });
    const { blocks } = await explained(sectionsOf('uk_carbon_intensity', url, 'max_age: 0s'), ['co2'], [run]);
    await grid.stop();
    const said = blocks.get('long')?.match(/# uk_carbon_intensity gave .+/g);
    expect(said).toEqual([
      expect.stringMatching(
        /gave less than all of it: a value is not as documented: intensity.forecast: expected number/,
      ),
    ]);
    expect(blocks.get('long')).toMatch(/, live, estimated, read \S+\n/);
    expect(blocks.get('long')).toMatch(/, fallback\n {6}# uk_carbon_intensity gave less/);
  });

  it('says nothing where it knows all', async () => {
    const grid = await startGridService(0.2);
    expect(await saidOf('uk_carbon_intensity', grid.answer)).toEqual([undefined]);
    await grid.stop();
  });
});

describe('a results file', () => {
  it('of which something is refused says what and why, beside the figures that are missing', async () => {
    const local = { timestamps: ['2026-11-29T08:00:00', '2026-11-29T08:10:00'], step_seconds: undefined };
    const { blocks, error } = await explained(
      'processors: { energy: }',
      ['energy'],
      [runOf('local', 2, local), { power_watts: [1, 2] }, runOf('sound', 2)],
    );
    expect(error).toBeUndefined();
    expect(blocks.get('local')).toBe(
      'local\n' +
        '  – local: `power_watts` is refused: timestamp 0, "2026-11-29T08:00:00", has no offset from UTC; write it as 2026-01-31T12:00:00Z, or set `time_zone` where it is received\n' +
        '  – no energy_joules: local has no `power_watts`\n' +
        '  – no cpu_core_seconds: local has no `cpu_usage_cores`\n',
    );
    expect(blocks.get('sound')).not.toContain('refused');
    expect(blocks.get('not read')).toContain('  – a run is refused: it has no `name`');
  });

  it('without a run that can be read says why', async () => {
    const { error } = await explained('processors: { energy: }', ['energy'], [{ power_watts: [1, 2] }]);
    expect(error).toMatchObject({
      code: 'NOTHING_TO_READ',
      message: expect.stringMatching(/^there is no run in .+: a run is refused: it has no `name`/),
    });
  });
});

describe('a processor that fails on a run', () => {
  const query = (url: string) => `
processors:
  prometheus_query: { endpoint: "${url}", queries: { power: sum(up) }, timeout: 300ms, headers: { authorization: s3cret-key } }
  energy:
`;
  const runs = () => [
    { ...runOf('without', 2), power_watts: undefined },
    runOf('with', 2),
    { ...runOf('again', 3), power_watts: undefined },
  ];

  it.each<[string, ServiceAnswer | undefined, RegExp]>([
    ['away', undefined, /no answer from .+ECONNREFUSED/],
    ['late', { status: 200, after: new Promise(() => {}) }, /no answer from .+ within 0.3 s/],
    [
      'that answers with HTML',
      { status: 200, text: '<html>\n<b>Sign in</b>' },
      /does not answer with JSON; set `endpoint`/,
    ],
    [
      'that answers 200 with an error',
      { json: { status: 'error', errorType: 'timeout', error: 'query timed out\nin expression' } },
      /answered with an error: timeout: query timed out in expression /,
    ],
    [
      'that answers with another shape',
      { json: { status: 'success', data: [] } },
      /not answer like Prometheus: data: exp/,
    ],
    [
      'that denies access',
      { status: 401, text: 's3cret-key is wrong' },
      /answered 401: \[REDACTED\] is wrong; set `headers`/,
    ],
    ['in an outage', { status: 503, text: 'down\nfor now' }, /answered 503: down for now /],
  ])('for a database %s is named in one line, and the other runs are explained', async (_, answer, said) => {
    const { url } = await serve(() => answer ?? { status: 500 });
    if (!answer) await service.stop();
    const { blocks, error } = await explained(query(url), ['prometheus_query', 'energy'], runs());
    for (const name of ['without', 'again']) {
      const lines = blocks.get(name)?.trimEnd().split('\n') ?? [];
      expect(lines).toEqual([
        name,
        expect.stringMatching(/^ {2}– processor prometheus_query failed: .+ \[NOT_EXPLAINED\]$/),
      ]);
      expect(lines[1]).toMatch(said);
    }
    expect(blocks.get('with')).toContain('energy_joules = (100 / 2 + 100 / 2) * 10 = 1000 J\n');
    expect(error).toMatchObject({ code: 'NOT_EXPLAINED', message: 'a pipeline failed on 2 of 3 runs' });
  });

  it('for whatever reason ends in exit status 1, without a stack and without secrets', async () => {
    await serve(() => ({ status: 500 }));
    await folder.write({
      'package.json': '{"type":"module"}',
      'fails.js': `import { definePlugin, RejectedError, transform, z } from 'wattline/plugin';
export default definePlugin({
  contract: 2, kind: 'processor', type: 'fails', stability: 'development',
  configSchema: z.strictObject({ key: z.string() }),
  create: (ctx, { key }) => transform(ctx.next, (run) => {
    if (run.scenario === 'fault') return run.nowhere.at(0);
    if (run.scenario === 'thrown') throw new Error('the key ' + key + ' is\\n    at fault');
    if (run.scenario === 'rejected') throw new RejectedError('nobody takes ' + key);
    return run;
  }),
});
`,
    });
    const sections = 'plugins: [./fails.js]\nprocessors: { fails: { key: "${env:KEY}" }, energy: }';
    const scenarios = ['fault', 'thrown', 'rejected', 'good'].map((name) => runOf(name, 2));
    await write(sections, ['fails', 'energy'], scenarios);
    const args = ['explain', '--config', 'wattline.yaml', 'results.json'];
    const { code, stdout, stderr } = await runWattline(args, { cwd: folder.path, env: { KEY: 'hidden-text-1' } });
    expect(code).toBe(1);
    expect(stderr).toBe('a pipeline failed on 3 of 4 runs [NOT_EXPLAINED]\n');
    const blocks = blocksOf(stdout);
    expect(blocks.get('fault')).toBe(
      "fault\n  – processor fails failed: Cannot read properties of undefined (reading 'at') [NOT_EXPLAINED]\n",
    );
    expect(blocks.get('thrown')).toBe(
      'thrown\n  – processor fails failed: the key ${env:KEY} is at fault [NOT_EXPLAINED]\n',
    );
    expect(blocks.get('rejected')).toBe('rejected\n  – nobody takes ${env:KEY} [NOT_EXPLAINED]\n');
    expect(blocks.get('good')).toContain('energy_joules = ');
  });
});

it('a service that gives nothing is logged once by `run`, and not once more for each figure', async () => {
  const { url } = await serve(() => ({ status: 401 }));
  await write(sectionsOf('electricity_maps', url, ''), ['co2'], [runOf('a', 2), runOf('b', 3)]);
  const { code, stderr, stdout } = await runWattline(['run', '--once', '--config', 'wattline.yaml'], {
    cwd: folder.path,
  });
  expect(code).toBe(0);
  expect(stdout).toContain('total of 2 runs');
  expect(stderr.match(/answered 401/g)).toHaveLength(1);
  expect(stderr).not.toContain('gave nothing');
});

it('a check whose database is away fails without a stack', async () => {
  const { url } = await serve(() => ({ status: 500 }));
  await service.stop();
  const sections = `processors: { prometheus_query: { endpoint: "${url}", queries: { power: sum(up) } }, energy: }`;
  await write(sections, ['prometheus_query', 'energy'], [{ ...runOf('a', 2), power_watts: undefined }]);
  for (const command of [
    ['check', '--max-usd', '1'],
    ['run', '--once'],
  ]) {
    const { code, stderr } = await runWattline([...command, '--config', 'wattline.yaml'], { cwd: folder.path });
    expect(code).toBe(1);
    expect(stderr).toContain('processor prometheus_query');
    expect(stderr).toContain('ECONNREFUSED');
    expect(stderr).not.toMatch(/"stack"|^ +at /m);
  }
});
