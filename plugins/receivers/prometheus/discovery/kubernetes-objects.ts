import { z } from 'wattline/plugin';

/** What is kept of the objects of Kubernetes: of a large cluster all would take too much memory. */
const texts = z.record(z.string(), z.string()).nullish();
const text = z.string().nullish();
const metadata = z.object({
  name: z.string(),
  namespace: text,
  uid: text,
  resourceVersion: text,
  labels: texts,
  annotations: texts,
  ownerReferences: z.array(z.object({ kind: text, name: text, controller: z.boolean().nullish() })).nullish(),
});
const container = z.object({
  name: z.string(),
  image: text,
  ports: z.array(z.object({ name: text, containerPort: z.number(), protocol: text })).nullish(),
});
const targetRef = z.object({ kind: text, namespace: text, name: text }).nullish();
const port = z.object({ name: text, port: z.number().nullish(), protocol: text, appProtocol: text });

const pod = z.object({
  metadata,
  spec: z.object({
    nodeName: text,
    containers: z.array(container).nullish(),
    initContainers: z.array(container).nullish(),
  }),
  status: z
    .object({
      podIP: text,
      hostIP: text,
      phase: text,
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish(),
    })
    .prefault({}),
});

const node = z.object({
  metadata,
  spec: z.object({ providerID: text }).prefault({}),
  status: z
    .object({
      addresses: z.array(z.object({ type: z.string(), address: z.string() })).nullish(),
      daemonEndpoints: z.object({ kubeletEndpoint: z.object({ Port: z.number().nullish() }).nullish() }).nullish(),
    })
    .prefault({}),
});

const service = z.object({
  metadata,
  spec: z.object({ type: text, clusterIP: text, externalName: text, ports: z.array(port).nullish() }).prefault({}),
});

const address = z.object({ ip: z.string(), hostname: text, nodeName: text, targetRef });
const endpoints = z.object({
  metadata,
  subsets: z
    .array(
      z.object({
        addresses: z.array(address).nullish(),
        notReadyAddresses: z.array(address).nullish(),
        ports: z.array(port).nullish(),
      }),
    )
    .nullish(),
});

const flag = z.boolean().nullish();
const endpointslice = z.object({
  metadata,
  addressType: text,
  ports: z.array(port).nullish(),
  endpoints: z
    .array(
      z.object({
        addresses: z.array(z.string()),
        hostname: text,
        nodeName: text,
        conditions: z.object({ ready: flag, serving: flag, terminating: flag }).nullish(),
        targetRef,
      }),
    )
    .nullish(),
});

export const objectSchemas = { pod, node, service, endpoints, endpointslice };

export type Metadata = z.output<typeof metadata>;
export type Container = z.output<typeof container>;
export type Pod = z.output<typeof pod>;
export type Node = z.output<typeof node>;
export type Service = z.output<typeof service>;
export type Endpoints = z.output<typeof endpoints>;
export type EndpointSlice = z.output<typeof endpointslice>;
export type KubernetesObject = Pod | Node | Service | Endpoints | EndpointSlice;

/** The objects of a cluster that are known, by role. */
export interface Cluster {
  readonly pod: readonly Pod[];
  readonly node: readonly Node[];
  readonly service: readonly Service[];
  readonly endpoints: readonly Endpoints[];
  readonly endpointslice: readonly EndpointSlice[];
}
