import type { Labels } from '../relabel.ts';
import { containerLabels, joined, META, podLabels, podTargets, type Some } from './kubernetes-labels.ts';
import type { EndpointSlice, Endpoints, Pod } from './kubernetes-objects.ts';

type Text = string | null | undefined;

/** What an address belongs to. */
interface Reference {
  readonly kind?: Text;
  readonly namespace?: Text;
  readonly name?: Text;
}

/** An address of a service with one of its ports. */
export interface Endpoint {
  readonly host: string;
  readonly port: number | null | undefined;
  readonly labels: Some;
  readonly nodeName: string | null | undefined;
  readonly ref: Reference;
}

/** Returns the addresses of an object `Endpoints`. */
export function endpointsOf({ subsets }: Endpoints): Endpoint[] {
  return (subsets ?? []).flatMap(({ addresses, notReadyAddresses, ports }) => {
    const all = [
      ...(addresses ?? []).map((one) => [one, 'true'] as const),
      ...(notReadyAddresses ?? []).map((one) => [one, 'false'] as const),
    ];
    return (ports ?? []).flatMap((port) =>
      all.map(([{ ip, hostname, nodeName, targetRef }, ready]) => ({
        host: ip,
        port: port.port,
        nodeName,
        ref: targetRef ?? {},
        labels: {
          [`${META}endpoint_port_name`]: port.name,
          [`${META}endpoint_port_protocol`]: port.protocol,
          [`${META}endpoint_ready`]: ready,
          [`${META}endpoint_hostname`]: hostname,
          [`${META}endpoint_node_name`]: nodeName,
          [`${META}endpoint_address_target_kind`]: targetRef?.kind,
          [`${META}endpoint_address_target_name`]: targetRef?.name,
        },
      })),
    );
  });
}

/** Returns the addresses of an object `EndpointSlice`. */
export function endpointsOfSlice({ addressType, endpoints, ports }: EndpointSlice): Endpoint[] {
  const slice = `${META}endpointslice_`;
  return (endpoints ?? []).flatMap(({ addresses, hostname, nodeName, conditions, targetRef }) =>
    (ports ?? []).flatMap((port) =>
      addresses.map((host) => ({
        host,
        port: port.port,
        nodeName: targetRef?.kind === 'Node' ? targetRef.name : nodeName,
        ref: targetRef ?? {},
        labels: {
          [`${slice}address_type`]: addressType,
          [`${slice}port`]: typeof port.port === 'number' ? String(port.port) : undefined,
          [`${slice}port_name`]: port.name,
          [`${slice}port_protocol`]: port.protocol,
          [`${slice}port_app_protocol`]: port.appProtocol,
          [`${slice}endpoint_conditions_ready`]: flagText(conditions?.ready),
          [`${slice}endpoint_conditions_serving`]: flagText(conditions?.serving),
          [`${slice}endpoint_conditions_terminating`]: flagText(conditions?.terminating),
          [`${slice}endpoint_hostname`]: hostname,
          [`${slice}endpoint_node_name`]: nodeName,
          [`${slice}address_target_kind`]: targetRef?.kind,
          [`${slice}address_target_name`]: targetRef?.name,
        },
      })),
    ),
  );
}

function flagText(flag: boolean | null | undefined): string | undefined {
  return typeof flag === 'boolean' ? String(flag) : undefined;
}

/** Returns the targets of endpoints with the labels of their pods, and targets for the other ports of these pods. */
export function withPods(
  endpoints: readonly Endpoint[],
  group: Some,
  pods: ReadonlyMap<string, Pod>,
  nodeLabelsOf: (name: string | null | undefined) => Labels,
): Some[] {
  const seen = new Map<Pod, Set<number>>();
  const targets = endpoints.map(({ host, port, labels, nodeName, ref }): Some => {
    const own = { ...group, ...labels, ...nodeLabelsOf(nodeName), __address__: joined(host, port) };
    const pod = ref.kind === 'Pod' ? pods.get(`${ref.namespace}/${ref.name}`) : undefined;
    if (!pod) return own;
    const ports = seen.get(pod) ?? new Set();
    seen.set(pod, ports);
    if (typeof port === 'number') ports.add(port);
    const [container] = (pod.spec.containers ?? []).flatMap((one) => {
      const found = one.ports?.find(({ containerPort }) => containerPort === port);
      return found ? [containerLabels(one, found)] : [];
    });
    return { ...own, ...podLabels(pod), ...container };
  });
  const others = [...seen].flatMap(([pod, ports]) =>
    podTargets({ ...pod, spec: { ...pod.spec, initContainers: [] } }, {})
      .filter((target) => target[`${META}pod_container_port_number`] !== undefined)
      .filter((target) => !ports.has(Number(target[`${META}pod_container_port_number`])))
      .map((target) => ({ ...group, ...target, [`${META}pod_container_init`]: undefined })),
  );
  return [...targets, ...others];
}
