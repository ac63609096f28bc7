import { describe, expect, it } from 'vitest';
import { objectSchemas } from './kubernetes-objects.ts';
import { kubernetesTargets } from './kubernetes-targets.ts';

const nothing = { pod: [], node: [], service: [], endpoints: [], endpointslice: [] };
const meta = '__meta_kubernetes_';
/** The labels without what stands before all of them. */
const short = (labels: Readonly<Record<string, string>> | undefined) =>
  Object.fromEntries(Object.entries(labels ?? {}).map(([name, value]) => [name.replace(meta, ''), value]));

const pod = objectSchemas.pod.parse({
  kind: 'Pod',
  metadata: {
    name: 'kepler-x',
    namespace: 'power',
    uid: 'u-1',
    labels: { app: 'kepler', 'app.kubernetes.io/name': 'kepler' },
    annotations: { 'prometheus.io/port': '9102' },
    ownerReferences: [{ kind: 'DaemonSet', name: 'kepler', controller: true }],
    managedFields: [{}],
  },
  spec: {
    nodeName: 'node-1',
    containers: [
      {
        name: 'kepler',
        image: 'kepler:1',
        ports: [
          { name: 'http', containerPort: 9102, protocol: 'TCP' },
          { name: 'debug', containerPort: 6060, protocol: 'TCP' },
        ],
      },
      { name: 'side' },
    ],
    initContainers: [{ name: 'first', ports: null }],
  },
  status: { podIP: '10.1.0.4', hostIP: '10.0.0.1', phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});

const node = objectSchemas.node.parse({
  metadata: { name: 'node-1', labels: { 'topology.kubernetes.io/zone': 'a' }, annotations: { x: 'y' } },
  spec: { providerID: 'cloud://1' },
  status: {
    addresses: [
      { type: 'Hostname', address: 'node-1' },
      { type: 'ExternalIP', address: '1.2.3.4' },
      { type: 'InternalIP', address: '10.0.0.1' },
      { type: 'InternalIP', address: 'fd00::1' },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
  },
});

const service = objectSchemas.service.parse({
  metadata: { name: 'kepler', namespace: 'power', labels: { team: 'green' } },
  spec: { type: 'ClusterIP', clusterIP: '10.2.0.1', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] },
});

const podFacts = {
  namespace: 'power',
  pod_name: 'kepler-x',
  pod_ip: '10.1.0.4',
  pod_ready: 'true',
  pod_phase: 'Running',
  pod_node_name: 'node-1',
  pod_host_ip: '10.0.0.1',
  pod_uid: 'u-1',
  pod_controller_kind: 'DaemonSet',
  pod_controller_name: 'kepler',
  pod_label_app: 'kepler',
  pod_labelpresent_app: 'true',
  pod_label_app_kubernetes_io_name: 'kepler',
  pod_labelpresent_app_kubernetes_io_name: 'true',
  pod_annotation_prometheus_io_port: '9102',
  pod_annotationpresent_prometheus_io_port: 'true',
};
const httpPort = {
  pod_container_name: 'kepler',
  pod_container_image: 'kepler:1',
  pod_container_port_name: 'http',
  pod_container_port_number: '9102',
  pod_container_port_protocol: 'TCP',
};

describe('pods', () => {
  it('are a target for each port, and for each container without one', () => {
    const targets = kubernetesTargets('pod', { ...nothing, pod: [pod] }, false);
    expect(targets.map(({ __address__ }) => __address__)).toEqual([
      '10.1.0.4:9102',
      '10.1.0.4:6060',
      '10.1.0.4',
      '10.1.0.4',
    ]);
    expect(short(targets[0])).toEqual({
      ...podFacts,
      ...httpPort,
      pod_container_init: 'false',
      __address__: '10.1.0.4:9102',
    });
    expect(short(targets[3])).toMatchObject({ pod_container_name: 'first', pod_container_init: 'true' });
  });

  it('have the labels of their node where these are wanted', () => {
    const [target] = kubernetesTargets('pod', { ...nothing, pod: [pod], node: [node] }, true);
    expect(short(target)).toMatchObject({ node_name: 'node-1', node_label_topology_kubernetes_io_zone: 'a' });
    const [without] = kubernetesTargets('pod', { ...nothing, pod: [pod], node: [node] }, false);
    expect(short(without)).not.toHaveProperty('node_name');
  });

  it('are none without an address', () => {
    const starting = { ...pod, status: { phase: 'Pending' } };
    expect(kubernetesTargets('pod', { ...nothing, pod: [starting] }, false)).toEqual([]);
  });
});

it('nodes are their kubelets, by the best of their addresses', () => {
  expect(kubernetesTargets('node', { ...nothing, node: [node] }, false).map(short)).toEqual([
    {
      __address__: '10.0.0.1:10250',
      instance: 'node-1',
      node_name: 'node-1',
      node_provider_id: 'cloud://1',
      node_label_topology_kubernetes_io_zone: 'a',
      node_labelpresent_topology_kubernetes_io_zone: 'true',
      node_annotation_x: 'y',
      node_annotationpresent_x: 'true',
      node_address_Hostname: 'node-1',
      node_address_ExternalIP: '1.2.3.4',
      node_address_InternalIP: '10.0.0.1',
    },
  ]);
  const addresses = [{ type: 'InternalIP', address: 'fd00::1' }];
  const [six] = kubernetesTargets('node', { ...nothing, node: [{ ...node, status: { addresses } }] }, false);
  expect(six?.__address__).toBe('[fd00::1]:10250');
});

it('services are a target for each port', () => {
  expect(kubernetesTargets('service', { ...nothing, service: [service] }, false).map(short)).toEqual([
    {
      __address__: 'kepler.power.svc:80',
      namespace: 'power',
      service_name: 'kepler',
      service_label_team: 'green',
      service_labelpresent_team: 'true',
      service_type: 'ClusterIP',
      service_cluster_ip: '10.2.0.1',
      service_port_name: 'http',
      service_port_number: '80',
      service_port_protocol: 'TCP',
    },
  ]);
});

describe('addresses of a service', () => {
  const targetRef = { kind: 'Pod', namespace: 'power', name: 'kepler-x' };
  const endpoints = objectSchemas.endpoints.parse({
    metadata: { name: 'kepler', namespace: 'power' },
    subsets: [
      {
        addresses: [{ ip: '10.1.0.4', nodeName: 'node-1', targetRef }],
        notReadyAddresses: [{ ip: '10.9.9.9', hostname: 'old' }],
        ports: [{ name: 'http', port: 9102, protocol: 'TCP' }],
      },
    ],
  });
  const endpointslice = objectSchemas.endpointslice.parse({
    metadata: { name: 'kepler-abc', namespace: 'power', labels: { 'kubernetes.io/service-name': 'kepler' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 9102, protocol: 'TCP' }],
    endpoints: [
      { addresses: ['10.1.0.4'], nodeName: 'node-1', conditions: { ready: true, serving: true }, targetRef },
      { addresses: ['10.9.9.9'], conditions: { ready: false } },
    ],
  });
  const cluster = {
    ...nothing,
    pod: [pod],
    node: [node],
    service: [service],
    endpoints: [endpoints],
    endpointslice: [endpointslice],
  };

  it.each(['endpoints', 'endpointslice'] as const)(
    'have the labels of service and pod, and its other ports: %s',
    (role) => {
      const targets = kubernetesTargets(role, cluster, true);
      expect(targets.map(({ __address__ }) => __address__)).toEqual([
        '10.1.0.4:9102',
        '10.9.9.9:9102',
        '10.1.0.4:6060',
      ]);
      const [ready, other, port] = targets.map(short);
      expect(ready).toMatchObject({ ...podFacts, ...httpPort, service_name: 'kepler', node_name: 'node-1' });
      expect(other).toMatchObject({ namespace: 'power', service_label_team: 'green' });
      expect(other).not.toHaveProperty('pod_name');
      expect(port).toMatchObject({ ...podFacts, pod_container_port_name: 'debug', service_name: 'kepler' });
    },
  );

  it('say whether they are ready', () => {
    const [ready, other] = kubernetesTargets('endpoints', cluster, false).map(short);
    expect(ready).toMatchObject({
      endpoints_name: 'kepler',
      endpoint_ready: 'true',
      endpoint_port_name: 'http',
      endpoint_port_protocol: 'TCP',
      endpoint_node_name: 'node-1',
      endpoint_address_target_kind: 'Pod',
      endpoint_address_target_name: 'kepler-x',
    });
    expect(other).toMatchObject({ endpoint_ready: 'false', endpoint_hostname: 'old' });
    const slices = kubernetesTargets('endpointslice', cluster, false).map(short);
    expect(slices[0]).toMatchObject({
      endpointslice_name: 'kepler-abc',
      endpointslice_address_type: 'IPv4',
      endpointslice_port: '9102',
      endpointslice_port_name: 'http',
      endpointslice_endpoint_conditions_ready: 'true',
      endpointslice_endpoint_conditions_serving: 'true',
      endpointslice_address_target_kind: 'Pod',
      endpointslice_address_target_name: 'kepler-x',
    });
    expect(slices[1]).toMatchObject({ endpointslice_endpoint_conditions_ready: 'false' });
  });
});
