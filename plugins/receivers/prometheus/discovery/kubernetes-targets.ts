import type { Labels } from '../relabel.ts';
import { endpointsOf, endpointsOfSlice, withPods } from './kubernetes-endpoints.ts';
import { described, joined, keyOf, META, podTargets, type Some } from './kubernetes-labels.ts';
import type { Cluster, Metadata, Node, Service } from './kubernetes-objects.ts';
import type { Role } from './settings.ts';

const SERVICE_OF_SLICE = 'kubernetes.io/service-name';
/** The addresses of a node, the best first. */
const ADDRESS_TYPES = ['InternalIP', 'ExternalIP', 'LegacyHostIP', 'Hostname'];

/** Returns the targets of a role in a cluster, with the labels that Prometheus gives them. */
export function kubernetesTargets(role: Role, cluster: Cluster, attachesNodes: boolean): Labels[] {
  const nodes = new Map(attachesNodes ? cluster.node.map((node) => [node.metadata.name, node]) : []);
  const pods = new Map(cluster.pod.map((pod) => [keyOf(pod.metadata), pod]));
  const services = new Map(cluster.service.map((service) => [keyOf(service.metadata), service]));
  const nodeLabelsOf = (name: string | null | undefined) => {
    const node = nodes.get(name ?? '');
    return node ? { ...described('node', node.metadata, false), [`${META}node_name`]: node.metadata.name } : {};
  };
  const found: Record<Role, () => Some[]> = {
    pod: () => cluster.pod.flatMap((pod) => podTargets(pod, nodeLabelsOf(pod.spec.nodeName))),
    node: () => cluster.node.flatMap(nodeTargets),
    service: () => cluster.service.flatMap(serviceTargets),
    endpoints: () =>
      cluster.endpoints.flatMap((one) =>
        withPods(
          endpointsOf(one),
          groupLabels('endpoints', one.metadata, services.get(keyOf(one.metadata))),
          pods,
          nodeLabelsOf,
        ),
      ),
    endpointslice: () =>
      cluster.endpointslice.flatMap((one) => {
        const service = services.get(`${one.metadata.namespace}/${one.metadata.labels?.[SERVICE_OF_SLICE]}`);
        const labels = groupLabels('endpointslice', one.metadata, service);
        return withPods(endpointsOfSlice(one), labels, pods, nodeLabelsOf);
      }),
  };
  return found[role]().map(withoutGaps);
}

function withoutGaps(labels: Some): Labels {
  const given = Object.entries(labels).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  return Object.fromEntries(given);
}

function nodeTargets({ metadata, spec, status }: Node): Some[] {
  const addresses = status.addresses ?? [];
  const host = ADDRESS_TYPES.flatMap((type) => addresses.find((one) => one.type === type)?.address ?? [])[0];
  if (host === undefined) return [];
  const byType = addresses.toReversed().map(({ type, address }) => [`${META}node_address_${type}`, address]);
  return [
    {
      ...described('node', metadata),
      ...Object.fromEntries(byType),
      [`${META}node_name`]: metadata.name,
      [`${META}node_provider_id`]: spec.providerID,
      instance: metadata.name,
      __address__: joined(host, status.daemonEndpoints?.kubeletEndpoint?.Port ?? 10_250),
    },
  ];
}

function serviceTargets(service: Service): Some[] {
  const { metadata, spec } = service;
  const isExternal = spec.type === 'ExternalName';
  return (spec.ports ?? []).map((port) => ({
    ...serviceLabels(service),
    [`${META}service_type`]: spec.type,
    [`${META}service_cluster_ip`]: isExternal ? undefined : spec.clusterIP,
    [`${META}service_external_name`]: isExternal ? spec.externalName : undefined,
    [`${META}service_port_name`]: port.name,
    [`${META}service_port_number`]: String(port.port),
    [`${META}service_port_protocol`]: port.protocol,
    __address__: joined(`${metadata.name}.${metadata.namespace}.svc`, port.port),
  }));
}

function serviceLabels({ metadata }: Service): Some {
  return {
    [`${META}namespace`]: metadata.namespace,
    [`${META}service_name`]: metadata.name,
    ...described('service', metadata),
  };
}

function groupLabels(kind: string, metadata: Metadata, service: Service | undefined): Some {
  return {
    [`${META}namespace`]: metadata.namespace,
    [`${META}${kind}_name`]: metadata.name,
    ...described(kind, metadata),
    ...(service && serviceLabels(service)),
  };
}
