import { describe, expect, it } from 'vitest';
import { Loader } from '../loader.ts';
import { Secrets } from '../model/secrets.ts';
import { findSecrets } from './find-secrets.ts';
import type { LocatedMap } from './located.ts';
import { parseYaml } from './parse-yaml.ts';
import { withoutSecretsOfUrl } from './url-secrets.ts';

async function secretsOf(yaml: string): Promise<Secrets> {
  const secrets = new Secrets();
  await findSecrets(parseYaml(yaml, 'a.yaml', []) as LocatedMap, new Loader(), secrets);
  return secrets;
}

describe('findSecrets', () => {
  it.each([
    ['a secret setting', 'exporters: { otlphttp: { headers: { a: hush-hush } } }'],
    ['its credentials without their scheme', 'exporters: { otlphttp: { headers: { a: Bearer hush-hush } } }'],
    ['a number', 'exporters: { otlphttp: { headers: { a: 1234567890 } } }', '1234567890'],
    ['a value of the wrong type', 'receivers: { http: { auth: hush-hush } }'],
    ['a value at the wrong place', 'receivers: { http: { auth: { bearer_tokens: { a: { b: hush-hush } } } } }'],
    ['a key with a slip of the pen', 'providers: { watttime: { pasword: hush-hush } }'],
    ['a section of an unknown plugin', 'exporters: { unknown: { token: hush-hush } }'],
    ['an id that is none', 'exporters: { "/": { token: hush-hush } }'],
    ['the password of a URL', 'exporters: { otlphttp: { endpoint: "http://user:hush-hush@host" } }'],
    ['the query of a URL', 'exporters: { otlphttp: { endpoint: "http://host/?a=b&key=hush-hush#x" } }'],
    ['the query of a path', 'x: [/metrics?token=hush-hush]'],
    ['what is no URL for its password', 'x: [{ y: "http://user:p/w@hush-hush@host" }]', 'p/w@hush-hush'],
    ['what a URL has to escape', 'x: "http://u:hush%2Dhush@host"'],
  ])('finds %s', async (_, yaml, secret = 'hush-hush') => {
    expect((await secretsOf(yaml)).redact(`it said ${secret}`)).toBe('it said [REDACTED]');
  });

  it('takes nothing else for a secret', async () => {
    const secrets = await secretsOf(`
receivers: { receiver_creator: { watch_observers: [observer_of_pods] }, prometheus: { scrape_configs: [{ job_name: kepler-job, metrics_path: "/probe?target=router-1" }] } }
processors: { currency: { rates: [{ EUR: 0.9123456 }] } }
exporters: { otlphttp: { endpoint: "http://collector:4318" }, debug: { verbosity: quite-detailed } }
extensions: { observer_of_pods: }
`);
    const text = 'observer_of_pods quite-detailed kepler-job router-1 0.9123456 collector http://collector:4318';
    expect(secrets.redact(text)).toBe(text);
  });
});

describe('withoutSecretsOfUrl', () => {
  it.each([
    ['http://user:word@host/p?a=1&target=x&b=#f', 'http://[REDACTED]@host/p?a=[REDACTED]&target=x&b=[REDACTED]#f'],
    ['/metrics?a=1', '/metrics?a=[REDACTED]'],
    ['./results/test_?.json', './results/test_?.json'],
    ['user@host', 'user@host'],
  ])('%s', (text, shown) => {
    expect(withoutSecretsOfUrl(text)).toBe(shown);
  });
});
