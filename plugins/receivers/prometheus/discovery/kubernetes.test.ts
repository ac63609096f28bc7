import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCertificates } from '../../../../test/kit/certificates.ts';
import { createTestContext } from '../../../../test/kit/context.ts';
import { describeWithPeers } from '../../../../test/kit/peers.ts';
import { temporaryFolder } from '../../../../test/kit/temporary-folder.ts';
import { configSchema } from '../config.ts';
import { kubernetesDiscovery } from './kubernetes.ts';

const never = new AbortController().signal;

const podOf = (name: string, ip: string, namespace = 'power') => ({
  metadata: { name, namespace, uid: name },
  spec: { nodeName: 'node-1', containers: [{ name: 'c', ports: [{ containerPort: 9102, protocol: 'TCP' }] }] },
  status: { podIP: ip, phase: 'Running' },
});
type Pod = ReturnType<typeof podOf>;

/** A server that answers as the API of Kubernetes does of its pods: lists in parts, and watches from a version on. */
class Api {
  readonly asked: IncomingMessage[] = [];
  readonly #pods = new Map<string, Pod>();
  readonly #watches = new Set<ServerResponse>();
  #events: { version: number; line: string }[] = [];
  #version = 100;
  /** The oldest version that can still be watched. */
  #oldest = 0;
  partSize = 2;
  token: string | undefined;

  readonly listener: RequestListener = (request, response) => {
    this.asked.push(request);
    const url = new URL(request.url ?? '/', 'http://api');
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`)
      return answer(401, { kind: 'Status', code: 401, message: 'Unauthorized' });
    const [, namespace] = /^\/api\/v1(?:\/namespaces\/(.+))?\/pods$/.exec(url.pathname) ?? [];
    if (!url.pathname.endsWith('/pods')) return answer(404, { kind: 'Status', code: 404, message: 'not found' });
    if (url.searchParams.get('watch') === 'true')
      return this.#watch(Number(url.searchParams.get('resourceVersion')), response);
    const pods = [...this.#pods.values()].filter(({ metadata }) => !namespace || metadata.namespace === namespace);
    const from = Number(url.searchParams.get('continue') ?? 0);
    const next = from + this.partSize;
    const metadata = { resourceVersion: String(this.#version), ...(next < pods.length && { continue: String(next) }) };
    return answer(200, { kind: 'PodList', metadata, items: pods.slice(from, next) });
  };

  get watches(): number {
    return this.#watches.size;
  }

  set(pod: Pod): void {
    const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
    const type = this.#pods.has(key) ? 'MODIFIED' : 'ADDED';
    this.#pods.set(key, pod);
    this.#emit(type, pod);
  }

  delete(name: string): void {
    const pod = this.#pods.get(name) as Pod;
    this.#pods.delete(name);
    this.#emit('DELETED', pod);
  }

  bookmark(): void {
    this.#emit('BOOKMARK', { metadata: {} } as Pod);
  }

  /** Forgets what was, as a server does after some minutes; watches end. */
  forget(): void {
    this.#oldest = this.#version + 1;
    this.#version += 10;
    this.#events = [];
    this.endWatches();
  }

  endWatches(): void {
    for (const response of this.#watches) response.end();
    this.#watches.clear();
  }

  breakWatches(): void {
    for (const response of this.#watches) response.destroy();
  }

  #emit(type: string, pod: Pod): void {
    const version = ++this.#version;
    const object = { ...pod, metadata: { ...pod.metadata, resourceVersion: String(version) } };
    const line = `${JSON.stringify({ type, object })}\n`;
    this.#events.push({ version, line });
    // In two pieces, as a network delivers them.
    for (const response of this.#watches) {
      response.write(line.slice(0, 10));
      response.write(line.slice(10));
    }
  }

  #watch(version: number, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    if (version < this.#oldest) {
      const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      return;
    }
    this.#watches.add(response);
    response.on('close', () => this.#watches.delete(response));
    for (const event of this.#events) if (event.version > version) response.write(event.line);
  }
}

async function serve(api: Api, tls?: { cert: Buffer; key: Buffer }): Promise<string> {
  const server = tls ? createTlsServer(tls, api.listener) : createServer(api.listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function discovering(settings: object, surroundings?: Parameters<typeof kubernetesDiscovery>[2]) {
  const config = { job_name: 'a', kubernetes_sd_configs: [{ role: 'pod', ...settings }] };
  const { scrape_configs } = configSchema.parse({ scrape_configs: [config] });
  const { ctx } = createTestContext();
  const parsed = scrape_configs[0]?.kubernetes_sd_configs[0];
  const discovery = kubernetesDiscovery(parsed as NonNullable<typeof parsed>, ctx, surroundings);
  onTestFinished(async () => discovery.close?.());
  await discovery.start?.();
  const discover = () => discovery.discover(never);
  return { discover, addresses: async () => (await discover()).map(({ __address__ }) => __address__).sort() };
}

const withPods = (...pods: Pod[]) => {
  const api = new Api();
  for (const pod of pods) api.set(pod);
  return api;
};
const three = [podOf('a', '10.1.0.1'), podOf('b', '10.1.0.2'), podOf('c', '10.1.0.3', 'other')];
const queries = (api: Api) => api.asked.map(({ url }) => new URL(url ?? '', 'http://api').searchParams);

describe('pods of a cluster', () => {
  it('are listed in parts, and then watched', async () => {
    const api = withPods(...three);
    const { addresses, discover } = await discovering({ api_server: await serve(api) });
    expect(await addresses()).toEqual(['10.1.0.1:9102', '10.1.0.2:9102', '10.1.0.3:9102']);
    expect(queries(api).map((query) => query.get('continue'))).toEqual([null, '2']);
    const known = await discover();
    expect(await discover()).toBe(known);
    await expect.poll(() => api.watches).toBe(1);
    api.set(podOf('d', '10.1.0.4'));
    await expect.poll(addresses).toContain('10.1.0.4:9102');
    api.set(podOf('d', '10.1.0.5'));
    await expect.poll(addresses).toContain('10.1.0.5:9102');
    api.delete('power/a');
    await expect.poll(addresses).toEqual(['10.1.0.2:9102', '10.1.0.3:9102', '10.1.0.5:9102']);
    expect(api.asked).toHaveLength(3);
  });

  it('are watched on from where it was when a watch ends, bookmarks included', async () => {
    const api = withPods(...three);
    const { addresses } = await discovering({ api_server: await serve(api) });
    await addresses();
    await addresses();
    await expect.poll(() => api.watches).toBe(1);
    api.bookmark();
    api.delete('power/a');
    await expect.poll(addresses).toHaveLength(2);
    api.bookmark();
    api.set(podOf('d', '10.1.0.4'));
    await expect.poll(addresses).toHaveLength(3);
    api.endWatches();
    await expect.poll(async () => [await addresses(), api.watches][1]).toBe(1);
    api.set(podOf('e', '10.1.0.5'));
    await expect.poll(addresses).toHaveLength(4);
    const watches = queries(api).filter((query) => query.get('watch') === 'true');
    expect(watches.map((query) => query.get('resourceVersion'))).toEqual(['103', '107']);
    expect(queries(api).filter((query) => query.get('watch') !== 'true')).toHaveLength(2);
  });

  it('are listed again when the server has forgotten the version', async () => {
    const api = withPods(...three);
    const { addresses } = await discovering({ api_server: await serve(api) });
    await addresses();
    await addresses();
    await expect.poll(() => api.watches).toBe(1);
    api.delete('power/a');
    api.forget();
    await expect.poll(addresses).toEqual(['10.1.0.2:9102', '10.1.0.3:9102']);
    await expect.poll(async () => [await addresses(), api.watches][1]).toBe(1);
    api.set(podOf('d', '10.1.0.4'));
    await expect.poll(addresses).toHaveLength(3);
    const lists = queries(api).filter((query) => query.get('watch') !== 'true' && !query.has('continue'));
    expect(lists).toHaveLength(2);
  });

  it('may be those of some namespaces and selectors', async () => {
    const api = withPods(...three);
    const { addresses } = await discovering({
      api_server: await serve(api),
      namespaces: { names: ['power', 'none'] },
      selectors: [
        { role: 'pod', label: 'app=kepler', field: 'spec.nodeName=node-1' },
        { role: 'node', label: 'x=y' },
      ],
    });
    expect(await addresses()).toEqual(['10.1.0.1:9102', '10.1.0.2:9102']);
    expect(api.asked.map(({ url }) => new URL(url ?? '', 'http://api').pathname).sort()).toEqual([
      '/api/v1/namespaces/none/pods',
      '/api/v1/namespaces/power/pods',
    ]);
    for (const query of queries(api)) {
      expect(query.get('labelSelector')).toBe('app=kepler');
      expect(query.get('fieldSelector')).toBe('spec.nodeName=node-1');
    }
  });
});

describe('a server that fails', () => {
  it('is named with what it says', async () => {
    const api = withPods(...three);
    api.token = 'right';
    const url = await serve(api);
    const { discover } = await discovering({ api_server: url, authorization: { credentials: 'wrong' } });
    await expect(discover()).rejects.toThrow(`${url}/api/v1/pods answered 401: Unauthorized`);
    await expect(discover()).rejects.toThrow('answered 401');
    expect(api.asked).toHaveLength(1);
  });

  it('while it is watched is said', async () => {
    const api = withPods(...three);
    const { discover } = await discovering({ api_server: await serve(api) });
    await discover();
    await discover();
    await expect.poll(() => api.watches).toBe(1);
    api.breakWatches();
    await expect
      .poll(() =>
        discover().then(
          () => '',
          (error: Error) => error.message,
        ),
      )
      .toContain('/api/v1/pods is not watched any more');
  });

  it('is none where there is no cluster', async () => {
    const outside = { environment: {}, account: '/nowhere' };
    await expect(discovering({}, outside)).rejects.toThrow('Wattline runs in no cluster; set `api_server`');
  });
});

describeWithPeers('in a cluster', ['openssl'], () => {
  it('the service account is shown, and the server checked', async () => {
    const certificates = await createCertificates();
    onTestFinished(certificates.remove);
    const [cert, key, ca] = [certificates.server.cert, certificates.server.key, certificates.ca].map((path) =>
      readFileSync(path),
    ) as [Buffer, Buffer, Buffer];
    const api = withPods(...three);
    api.token = 'first';
    const url = new URL(await serve(api, { cert, key }));
    const account = await temporaryFolder({ token: 'first\n', 'ca.crt': ca.toString(), namespace: 'other' });
    onTestFinished(account.remove);
    const environment = { KUBERNETES_SERVICE_HOST: url.hostname, KUBERNETES_SERVICE_PORT: url.port };
    const surroundings = { environment, account: account.path };
    const { addresses } = await discovering({ namespaces: { own_namespace: true } }, surroundings);
    expect(await addresses()).toEqual(['10.1.0.3:9102']);
    const other = await temporaryFolder({ token: 'first', 'ca.crt': readFileSync(certificates.otherCa, 'utf8') });
    onTestFinished(other.remove);
    const doubting = await discovering({}, { environment, account: other.path });
    await expect(doubting.addresses()).rejects.toThrow('no answer from');
  });
});
