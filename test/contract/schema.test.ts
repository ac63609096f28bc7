import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { globSync } from 'tinyglobby';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { schema } from '../../src/commands/schema.ts';
import { projectRoot } from '../kit/checkout.ts';

const read = (path: string) => readFileSync(`${projectRoot}/${path}`, 'utf8');
const configurations = globSync(['config/*.yaml', 'config/custom-processor/*.yaml'], { cwd: projectRoot }).sort();

let generated: string;
let validate: ReturnType<Ajv2020['compile']>;
beforeAll(async () => {
  generated = await schema();
  validate = new Ajv2020({ strict: false, validateFormats: false }).compile(JSON.parse(generated));
});

const configuration = (sections: object) => ({
  receivers: { http: null },
  exporters: { debug: null },
  service: { pipelines: { metrics: { receivers: ['http'], exporters: ['debug'] } } },
  ...sections,
});

describe('config/schema.json', () => {
  it('is what `npm run schema` makes of the plugins', () => {
    expect(read('config/schema.json'), 'run npm run schema').toBe(generated);
  });

  it('has nothing of what values were called before, and of the keys of others', () => {
    expect(generated).not.toContain('"renamed"');
    expect(generated).not.toContain('"foreign"');
  });

  it.each(configurations)('takes %s, which refers to it', (path) => {
    const text = read(path);
    validate(parse(text));
    // A plugin of one's own is not in it, and is not refused.
    expect(validate.errors).toBeNull();
    const reference = path.includes('/custom-processor/') ? '../schema.json' : './schema.json';
    expect(text.split('\n', 1)[0], basename(path)).toBe(`# yaml-language-server: $schema=${reference}`);
  });

  it.each([
    [
      'an expression in place of any value',
      { processors: { cost: { partial_total: '${env:PARTIAL}', regions: null } } },
    ],
    [
      "a Collector's words for components, and its keys without effect",
      {
        exporters: {
          otlp_http: { endpoint: 'http://a', sending_queue: { batch: {} } },
          'otlp_grpc/b': { endpoint: 'a:1' },
        },
      },
    ],
    ['a component with a name', { processors: { 'cost/second': { region: 'us-east-1' } } }],
    [
      'conditions within conditions',
      { processors: { filter: { keep: [{ all: [{ attribute: 'a', exists: true }] }] } } },
    ],
  ])('takes %s', (_, sections) => {
    validate(configuration(sections));
    expect(validate.errors).toBeNull();
  });

  it.each([
    ['an unknown key', { processors: { cost: { regoin: 'us-east-1' } } }],
    ['an unknown key of a component with a name', { processors: { 'cost/second': { regoin: 'x' } } }],
    ['a value of another type', { processors: { cost: { usd_per_kwh: 'cheap' } } }],
    ['a number out of range', { processors: { cost: { usd_per_kwh: -1 } } }],
    ['a section of no name', { procesors: {} }],
    ['a pipeline without exporters', { service: { pipelines: { metrics: { receivers: ['http'] } } } }],
    ['an unknown key deep down', { exporters: { otlphttp: { endpoint: 'http://a', sending_queue: { size: 1 } } } }],
  ])('refuses %s', (_, sections) => {
    expect(validate(configuration(sections))).toBe(false);
  });
});
