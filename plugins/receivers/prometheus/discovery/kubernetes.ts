import { readFileSync } from 'node:fs';
import type { Context } from 'wattline/plugin';
import { HttpCalls } from '../http-calls.ts';
import type { Labels } from '../relabel.ts';
import type { Discovery } from './discovery.ts';
import { KubernetesList } from './kubernetes-list.ts';
import { type Cluster, objectSchemas } from './kubernetes-objects.ts';
import { kubernetesTargets } from './kubernetes-targets.ts';
import type { KubernetesSettings, Role } from './settings.ts';

/** Milliseconds until changes that were watched become targets. */
const INTERVAL = 1_000;
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

const resources: Record<Role, { readonly group: string; readonly name: string }> = {
  pod: { group: '/api/v1', name: 'pods' },
  node: { group: '/api/v1', name: 'nodes' },
  service: { group: '/api/v1', name: 'services' },
  endpoints: { group: '/api/v1', name: 'endpoints' },
  endpointslice: { group: '/apis/discovery.k8s.io/v1', name: 'endpointslices' },
};

/** What a role needs beside its own objects. */
const needed: Record<Role, readonly Role[]> = {
  pod: ['pod'],
  node: ['node'],
  service: ['service'],
  endpoints: ['endpoints', 'service', 'pod'],
  endpointslice: ['endpointslice', 'service', 'pod'],
};

/** Where Wattline runs: its variables, and the files of its service account. */
interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly account: string;
}

/** Finds targets in a cluster of Kubernetes, as `kubernetes_sd_configs` has it. */
export function kubernetesDiscovery(
  settings: KubernetesSettings,
  ctx: Context,
  { environment, account }: Surroundings = { environment: process.env, account: ACCOUNT },
): Discovery {
  const server = settings.api_server ?? serverOf(environment);
  const own = {
    authorization: { type: 'Bearer', credentials_file: `${account}/token` },
    tls_config: { ca_file: `${account}/ca.crt`, insecure_skip_verify: false },
  };
  const scheme = new URL(server ?? 'https://kubernetes').protocol.slice(0, -1);
  const calls = new HttpCalls(ctx, { ...settings, ...(settings.api_server === undefined && own), scheme });
  const attachesNodes = settings.attach_metadata?.node === true;
  const roles = [...new Set([...needed[settings.role], ...(attachesNodes ? (['node'] as const) : [])])];
  let lists: [Role, KubernetesList<never>][] = [];
  let last: readonly Labels[] = [];
  let changes = -1;
  return {
    name: `the API of Kubernetes${server === undefined ? '' : ` at ${server}`}`,
    interval: INTERVAL,
    async start() {
      if (server === undefined)
        throw new Error('`kubernetes_sd_configs`: Wattline runs in no cluster; set `api_server`');
      await calls.start();
      const namespaces = namespacesOf(settings, account);
      lists = roles.flatMap((role) => {
        const within = role === 'node' ? [undefined] : namespaces;
        return within.map((namespace) => [role, listOf(role, namespace, server, calls, settings)] as const);
      }) as typeof lists;
    },
    async discover(signal) {
      await Promise.all(lists.map(([, list]) => list.refresh(signal)));
      const now = lists.reduce((sum, [, list]) => sum + list.changes, 0);
      if (now === changes) return last;
      changes = now;
      const objects = (role: Role) => lists.flatMap(([of, list]) => (of === role ? [...list.objects] : []));
      const cluster: Cluster = {
        pod: objects('pod'),
        node: objects('node'),
        service: objects('service'),
        endpoints: objects('endpoints'),
        endpointslice: objects('endpointslice'),
      };
      last = kubernetesTargets(settings.role, cluster, attachesNodes);
      return last;
    },
    async close() {
      await Promise.all(lists.map(([, list]) => list.close()));
      await calls.close();
    },
  };
}

/** The server of the cluster that a process runs in, by its variables. */
function serverOf({ KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port }: Surroundings['environment']) {
  if (!host || !port) return undefined;
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The namespaces to look into; an undefined one is all of them. */
function namespacesOf({ namespaces }: KubernetesSettings, account: string): readonly (string | undefined)[] {
  const own = namespaces?.own_namespace ? [readFileSync(`${account}/namespace`, 'utf8').trim()] : [];
  const all = [...new Set([...own, ...(namespaces?.names ?? [])])];
  return all.length ? all : [undefined];
}

function listOf(
  role: Role,
  namespace: string | undefined,
  server: string,
  calls: HttpCalls,
  settings: KubernetesSettings,
) {
  const { group, name } = resources[role];
  const place = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const selectors = settings.selectors.filter((one) => one.role === role);
  const joined = (key: 'label' | 'field') => selectors.flatMap((one) => one[key] ?? []).join(',');
  const [labelSelector, fieldSelector] = [joined('label'), joined('field')];
  const query = { ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }) };
  return new KubernetesList<never>(calls, `${server}${group}${place}/${name}`, query, objectSchemas[role] as never);
}
