import type { Labels } from '../relabel.ts';
import type { Container, Metadata, Pod } from './kubernetes-objects.ts';

/** The beginning of the names of all labels that Kubernetes has to give. */
export const META = '__meta_kubernetes_';

/** Labels some of which may be left out. */
export type Some = Readonly<Record<string, string | null | undefined>>;

/** Tells objects of one kind apart. */
export function keyOf({ namespace, name }: Metadata): string {
  return `${namespace}/${name}`;
}

/** Returns an address with its port, if it has one. */
export function joined(host: string, port: number | null | undefined): string {
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return typeof port === 'number' ? `${bracketed}:${port}` : bracketed;
}

/** The labels and annotations of an object, by names that labels may have. */
export function described(kind: string, { labels, annotations }: Metadata, withAnnotations = true): Labels {
  const all: [string, string][] = [];
  const add = (what: string, texts: Readonly<Record<string, string>> | null | undefined) => {
    for (const [key, value] of Object.entries(texts ?? {})) {
      const name = key.replace(/[^a-zA-Z0-9_]/g, '_');
      all.push([`${META}${kind}_${what}_${name}`, value], [`${META}${kind}_${what}present_${name}`, 'true']);
    }
  };
  add('label', labels);
  if (withAnnotations) add('annotation', annotations);
  return Object.fromEntries(all);
}

/** What is said of a pod. */
export function podLabels({ metadata, spec, status }: Pod): Some {
  const controller = metadata.ownerReferences?.find((owner) => owner.controller);
  const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'unknown';
  return {
    [`${META}namespace`]: metadata.namespace,
    [`${META}pod_name`]: metadata.name,
    [`${META}pod_ip`]: status.podIP,
    [`${META}pod_ready`]: ready.toLowerCase(),
    [`${META}pod_phase`]: status.phase,
    [`${META}pod_node_name`]: spec.nodeName,
    [`${META}pod_host_ip`]: status.hostIP,
    [`${META}pod_uid`]: metadata.uid,
    [`${META}pod_controller_kind`]: controller?.kind,
    [`${META}pod_controller_name`]: controller?.name,
    ...described('pod', metadata),
  };
}

type ContainerPort = NonNullable<Container['ports']>[number];

/** What is said of a container, and of one of its ports. */
export function containerLabels({ name, image }: Container, port: ContainerPort | undefined): Some {
  return {
    [`${META}pod_container_name`]: name,
    [`${META}pod_container_image`]: image,
    [`${META}pod_container_port_name`]: port?.name,
    [`${META}pod_container_port_number`]: port && String(port.containerPort),
    [`${META}pod_container_port_protocol`]: port?.protocol,
  };
}

/** A target for each port of a container, or one without a port. A pod without an address is starting, or gone. */
export function podTargets(pod: Pod, nodeLabels: Labels): Some[] {
  const { podIP } = pod.status;
  if (!podIP) return [];
  const own = { ...podLabels(pod), ...nodeLabels };
  const targetsIn = (containers: readonly Container[] | null | undefined, isInit: boolean) =>
    (containers ?? []).flatMap((container) =>
      (container.ports?.length ? container.ports : [undefined]).map((port) => ({
        ...own,
        ...containerLabels(container, port),
        [`${META}pod_container_init`]: String(isInit),
        __address__: joined(podIP, port?.containerPort),
      })),
    );
  return [...targetsIn(pod.spec.containers, false), ...targetsIn(pod.spec.initContainers, true)];
}
