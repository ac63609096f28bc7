import { describe, expect, it } from 'vitest';
import { formatProblem, type Problem } from '../errors.ts';
import { serverSettings } from '../http/index.ts';
import type { AnyPlugin } from '../plugin/contract.ts';
import { endpoint, serverUrl, z } from '../plugin/index.ts';
import type { Kind } from '../plugin/kind.ts';
import { checkEndpoints, openEndpoints } from './check-endpoints.ts';
import type { Component } from './configuration.ts';
import { type LocatedMap, toPlain, valueAt } from './located.ts';
import { parseYaml } from './parse-yaml.ts';

const schema = z.strictObject({
  endpoint: endpoint().optional(),
  alone: endpoint({ alone: true }).optional(),
  protocols: z.record(z.string(), z.strictObject({ endpoint: endpoint() })).default({}),
  list: z.array(endpoint()).default([]),
  path: z.string().optional(),
  url: serverUrl().optional(),
  ...serverSettings,
});

/** A plugin of each kind and letter, all with the same settings. */
const plugins = new Map<string, AnyPlugin>();
function pluginOf(kind: Kind, type: string): AnyPlugin {
  const key = `${kind} ${type}`;
  const plugin = plugins.get(key) ?? ({ kind, type, configSchema: schema } as unknown as AnyPlugin);
  plugins.set(key, plugin);
  return plugin;
}

/** The problems of components by their sections; all receivers and exporters are in one pipeline unless it is said otherwise. */
function problemsOf(sections: string, pipelines?: Record<string, [string[], string[]]>): string[] {
  const problems: Problem[] = [];
  const { root, started } = startedBy(sections, problems, pipelines);
  checkEndpoints(root, started, problems);
  return problems.map((problem) => formatProblem(problem).replace(' [CONFIG_PORT_CONFLICT]', ''));
}

function startedBy(sections: string, problems: Problem[], pipelines?: Record<string, [string[], string[]]>) {
  const root = parseYaml(sections, 'a.yaml', problems) as LocatedMap;
  const components = (['receiver', 'exporter', 'extension'] as const).flatMap((kind) => {
    const section = valueAt(root, [`${kind}s`]);
    return Object.entries(section ? (toPlain(section) as object) : {}).map(([id, config]): Component => {
      const plugin = pluginOf(kind, id.split('/')[0] as string);
      return { kind, id, plugin, config: schema.parse(config), at: root.at, directory: '/' };
    });
  });
  const all = (kind: Kind) => components.filter((component) => component.kind === kind).map(({ id }) => id);
  const chains = pipelines ?? { metrics: [all('receiver'), all('exporter')] };
  const started = {
    components,
    extensions: all('extension').filter((id) => id !== 'idle'),
    pipelines: Object.entries(chains).map(([id, [receivers, exporters]]) => ({
      id,
      receivers,
      processors: [],
      exporters,
    })),
  };
  return { root, started };
}

const two = (one: string, other: string) => `receivers: { a: { ${one} } }\nexporters: { b: { ${other} } }`;

it('an endpoint that nothing can share is shared with nothing', () => {
  for (const [one, other] of [
    ['alone: 127.0.0.1:1', 'endpoint: 127.0.0.1:1'],
    ['endpoint: 127.0.0.1:1', 'alone: 127.0.0.1:1'],
    ['alone: 127.0.0.1:1', 'alone: 127.0.0.1:1'],
  ] as const) {
    expect(problemsOf(two(one, other))).toEqual([expect.stringContaining('one of them cannot share it')]);
  }
  expect(problemsOf(two('alone: 127.0.0.1:1', 'endpoint: 127.0.0.1:2'))).toEqual([]);
});

describe('two endpoints on one port', () => {
  it.each([
    ['0.0.0.0:1', '127.0.0.1:1', true],
    ['127.0.0.1:1', '0.0.0.0:1', true],
    [':1', '10.0.0.1:1', true],
    ['"[::]:1"', '127.0.0.1:1', true],
    ['"[::]:1"', '"[::1]:1"', true],
    ['localhost:1', '127.0.0.1:1', true],
    ['localhost:1', '"[::1]:1"', true],
    ['0.0.0.0:1', 'example.org:1', true],
    ['127.0.0.1:1', '127.0.0.1:1', false],
    ['LOCALHOST:1', 'localhost:1', false],
    ['0.0.0.0:1', ':1', false],
    ['0.0.0.0:1', '127.0.0.1:2', false],
    ['127.0.0.1:1', '127.0.0.2:1', false],
    ['127.0.0.1:1', '"[::1]:1"', false],
    ['0.0.0.0:1', '"[::1]:1"', false],
    ['localhost:1', '10.0.0.1:1', false],
    ['0.0.0.0:0', '127.0.0.1:0', false],
  ])('%s and %s: %s', (one, other, isProblem) => {
    expect(problemsOf(two(`endpoint: ${one}`, `endpoint: ${other}`))).toHaveLength(isProblem ? 1 : 0);
  });

  it('are named with both places', () => {
    expect(problemsOf(two('endpoint: 0.0.0.0:1', 'endpoint: 127.0.0.1:1'))).toEqual([
      'a.yaml:2:19 exporters.b.endpoint: `a` (a.yaml:1:19) listens on 0.0.0.0:1, which overlaps with 127.0.0.1:1; write both the same way to share one listener, or give one of them another port',
    ]);
  });

  it('are found wherever their schema has them, also twice in one component', () => {
    const sections =
      'receivers: { a: { protocols: { x: { endpoint: "[::]:1" } }, list: [":1", 127.0.0.1:2] } }\nextensions: { c: { endpoint: 0.0.0.0:2 } }';
    const places = problemsOf(sections).map((problem) => problem.split(': ')[0]);
    expect(places).toEqual(['a.yaml:1:68 receivers.a.list[0]', 'a.yaml:2:20 extensions.c.endpoint']);
  });

  it('count only where both are started', () => {
    expect(problemsOf('extensions: { c: { endpoint: ":1" }, idle: { endpoint: "[::]:1" } }')).toEqual([]);
    expect(problemsOf(two('endpoint: ":1"', 'endpoint: "[::]:1"'), { metrics: [['a'], []] })).toEqual([]);
  });
});

describe('one endpoint', () => {
  const listener = 'endpoint: 127.0.0.1:1';

  it('can be shared with the same protection only', () => {
    const tls = (file: string) => `${listener}, tls: { cert_file: ${file}, key_file: k }`;
    const auth = (token: string) => `${listener}, auth: { bearer_tokens: [${token}] }`;
    expect(problemsOf(two(tls('c'), tls('c')))).toEqual([]);
    expect(problemsOf(two(auth('t'), auth('t')))).toEqual([]);
    for (const [one, other, part] of [
      [tls('c'), tls('d'), 'tls'],
      [tls('c'), listener, 'tls'],
      [auth('hush'), auth('u'), 'auth'],
      [listener, auth('t'), 'auth'],
    ] as const) {
      const [problem, ...more] = problemsOf(two(one, other));
      expect(problem).toContain(`listens on 127.0.0.1:1 too, with another \`${part}\`; use the same for both`);
      expect(problem).not.toContain('hush');
      expect(more).toEqual([]);
    }
  });

  it('cannot be shared by two of one plugin, unless they have different paths', () => {
    const both = (more: string) => `exporters: { b: { ${listener} }, b/2: { ${listener}${more} } }`;
    expect(problemsOf(both(''))).toEqual([
      expect.stringContaining('`b` (a.yaml:1:19) serves the same paths on 127.0.0.1:1'),
    ]);
    expect(problemsOf(both(', path: /other'))).toEqual([]);
  });
});

describe('an exporter', () => {
  it.each([
    ['127.0.0.1:80', 'http://127.0.0.1/x', true],
    ['0.0.0.0:4318', 'http://localhost:4318', true],
    ['"[::]:4318"', 'http://[::1]:4318', true],
    ['localhost:443', 'https://127.0.0.1', true],
    ['10.0.0.1:4318', 'http://10.0.0.1:4318', true],
    ['127.0.0.1:4318', 'http://127.0.0.1:4319', false],
    ['10.0.0.1:4318', 'http://127.0.0.1:4318', false],
    ['0.0.0.0:4318', 'http://collector:4318', false],
  ])('beside a receiver at %s does not send to %s: %s', (place, url, isProblem) => {
    expect(problemsOf(two(`endpoint: ${place}`, `url: "${url}"`))).toHaveLength(isProblem ? 1 : 0);
  });

  it('may send to another pipeline, but not to where nobody takes it', () => {
    const sections = two('endpoint: 127.0.0.1:1', 'url: http://127.0.0.1:1');
    expect(problemsOf(sections)).toEqual([
      'a.yaml:2:19 exporters.b.url: `a` (a.yaml:1:19) listens there, so the exporter sends to its own pipeline; give the endpoint of another server',
    ]);
    expect(problemsOf(sections, { first: [['x'], ['b']], second: [['a'], ['x']] })).toEqual([]);
    expect(problemsOf('exporters: { b: { url: http://127.0.0.1:1 } }\nextensions: { c: { endpoint: ":1" } }')).toEqual([
      expect.stringContaining('`c` (a.yaml:2:20) listens there, so no receiver there accepts what it sends'),
    ]);
  });
});

it('an endpoint that other machines reach, and that lets everybody in, is warned of', () => {
  const { root, started } = startedBy(
    `receivers:
  a: { endpoint: 0.0.0.0:1 }
  b: { endpoint: "127.0.0.1:2" }
  c: { endpoint: "[::1]:3", protocols: { x: { endpoint: 10.0.0.5:4 } } }
  d: { endpoint: ":5", auth: { bearer_tokens: [x] } }
  e: { endpoint: "localhost:6" }
  f: { endpoint: "host:7", tls: { cert_file: a, key_file: b, client_ca_file: c } }
  g: { endpoint: "host:8", tls: { cert_file: a, key_file: b } }
extensions: { idle: { endpoint: 0.0.0.0:9 } }`,
    [],
  );
  const warned = openEndpoints(root, started).map((warning) => warning.split(': ')[0]?.split(' ')[1]);
  expect(warned).toEqual(['receivers.a.endpoint', 'receivers.c.protocols.x.endpoint', 'receivers.g.endpoint']);
});
