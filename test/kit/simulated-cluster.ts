import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Random } from './random-numbers.ts';

/** Seconds between two pages. */
export const STEP = 10;
/** What a node draws when nothing runs, and for each core in use, in W. */
export const IDLE_WATTS = 80;
const WATTS_A_CORE = 11;
/** What each node has, and what its kernel and daemons use all the time. */
const CORES = 8;
const SYSTEM_CORES = 0.3;
const namespaces = ['shop', 'media', 'batch', 'monitoring', 'kube-system'];

/** A pod, which runs from the end of one step to the end of another. */
export interface SimulatedPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly containers: readonly string[];
  /** The cores that each of its containers uses in each step. */
  readonly cores: readonly number[];
}

/** What a pod, or the rest of a node, used in truth: joules by each rule for idle energy, and core-seconds. */
export interface Truth {
  none: number;
  even: number;
  by_use: number;
  coreSeconds: number;
}

/** Nodes of a Kubernetes cluster with pods that come and go; all is the same for each seed. */
export class SimulatedCluster {
  readonly nodes: number;
  readonly steps: number;
  readonly pods: readonly SimulatedPod[];
  readonly #sums = new Map<string, number[]>();

  /** No pod ends in the last `quiet` steps; each uses nothing with a probability of `pauses`. */
  constructor({ nodes = 3, pods = 40, steps = 110, quiet = 35, seed = 1, pauses = 0.1 } = {}) {
    const random = new Random(seed);
    this.nodes = nodes;
    this.steps = steps;
    this.pods = Array.from({ length: pods }, (_, i): SimulatedPod => {
      const stays = i % 4 < 2;
      const from = stays ? 0 : random.integer(1, steps - quiet - 20);
      const ends = !stays && random.chance(0.7);
      return {
        namespace: namespaces[i % namespaces.length] as string,
        name: `app-${i}`,
        node: i % nodes,
        from,
        to: ends ? random.integer(from + 5, steps - quiet) : steps,
        containers: i % 5 === 0 ? ['main', 'sidecar'] : ['main'],
        cores: Array.from({ length: steps }, () => (random.chance(pauses) ? 0 : random.between(0.02, 0.25))),
      };
    });
  }

  /** What each pod used, by `namespace/name`, and what is left of each node, by `node-0`. */
  truth(): Map<string, Truth> {
    const all = new Map<string, Truth>();
    const add = (key: string, { none, even, by_use, coreSeconds }: Truth) => {
      const known = all.get(key) ?? { none: 0, even: 0, by_use: 0, coreSeconds: 0 };
      known.none += none;
      known.even += even;
      known.by_use += by_use;
      known.coreSeconds += coreSeconds;
      all.set(key, known);
    };
    for (let step = 0; step < this.steps; step++) {
      for (let node = 0; node < this.nodes; node++) {
        const running = this.#running(node, step);
        const used = this.#coresUsed(node, step);
        const joules = this.#watts(node, step) * STEP;
        const rest = { none: joules, even: joules, by_use: joules, coreSeconds: SYSTEM_CORES * STEP };
        for (const pod of running) {
          const cores = coresOf(pod, step);
          const none = WATTS_A_CORE * cores * STEP;
          const even = none + (IDLE_WATTS * STEP) / running.length;
          const byUse = (joules * cores) / used;
          add(`${pod.namespace}/${pod.name}`, { none, even, by_use: byUse, coreSeconds: cores * STEP });
          rest.none -= none;
          rest.even -= even;
          rest.by_use -= byUse;
        }
        add(`node-${node}`, rest);
      }
    }
    return all;
  }

  /** The pages of a node at the end of a step: of node_exporter and of the kubelet's cAdvisor, or of Kepler. */
  page(kind: 'node' | 'cadvisor' | 'kepler', node: number, step: number, zero: number): string {
    const at = Math.round((zero + step * STEP) * 1000);
    const lines = { node: this.#nodePage, cadvisor: this.#cadvisorPage, kepler: this.#keplerPage }[kind];
    return `${lines
      .call(this, node, step)
      .map((line) => `${line} ${at}\n`)
      .join('')}`;
  }

  #nodePage(node: number, step: number): string[] {
    const used = this.#sum(`cores of ${node}`, step, (i) => this.#coresUsed(node, i));
    const cpus = Array.from({ length: CORES }, (_, cpu) => [
      `node_cpu_seconds_total{cpu="${cpu}",mode="user"} ${(used * STEP) / CORES}`,
      `node_cpu_seconds_total{cpu="${cpu}",mode="idle"} ${step * STEP - (used * STEP) / CORES}`,
    ]);
    return [
      ...cpus.flat(),
      `node_rapl_package_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0"} ${this.#joules(node, step)}`,
    ];
  }

  #cadvisorPage(node: number, step: number): string[] {
    const lines = [`container_cpu_usage_seconds_total{id="/",namespace="",pod="",container=""} ${step * 3}`];
    for (const [i, pod] of this.pods.entries()) {
      if (pod.node !== node || step < pod.from || step > pod.to) continue;
      const labels = `namespace="${pod.namespace}",pod="${pod.name}"`;
      const seconds =
        this.#sum(`containers of ${pod.name}`, step, (one) =>
          one >= pod.from && one < pod.to ? (pod.cores[one] as number) : 0,
        ) * STEP;
      const slice = `/kubepods.slice/kubepods-pod${i}.slice`;
      lines.push(
        `container_cpu_usage_seconds_total{id="${slice}",${labels},container=""} ${seconds * pod.containers.length}`,
      );
      for (const [number, container] of pod.containers.entries()) {
        const id = `${i}0${number}`.padStart(64, 'c');
        lines.push(
          `container_cpu_usage_seconds_total{id="${slice}/cri-containerd-${id}.scope",name="${id}",${labels},container="${container}"} ${seconds}`,
        );
      }
    }
    return lines;
  }

  /** Kepler shares what is active among all that it knows, here also among the daemons of the node, which are in no pod. */
  #keplerPage(node: number, step: number): string[] {
    const zone = `zone="package",path="/sys/class/powercap/intel-rapl:0"`;
    const active = this.#sum(`cores of ${node}`, step, (i) => this.#coresUsed(node, i)) * WATTS_A_CORE * STEP;
    const lines = [
      `kepler_node_cpu_joules_total{${zone}} ${this.#joules(node, step)}`,
      `kepler_node_cpu_active_joules_total{${zone}} ${active}`,
      `kepler_node_cpu_idle_joules_total{${zone}} ${step * STEP * IDLE_WATTS}`,
    ];
    for (const [i, pod] of this.pods.entries()) {
      if (pod.node !== node || step < pod.from) continue;
      const joules =
        this.#sum(`pod ${pod.name}`, step, (one) => (one >= pod.from && one < pod.to ? coresOf(pod, one) : 0)) *
        WATTS_A_CORE *
        STEP;
      const state = step > pod.to ? 'terminated' : 'running';
      lines.push(
        `kepler_pod_cpu_joules_total{pod_id="uid-${i}",pod_name="${pod.name}",pod_namespace="${pod.namespace}",state="${state}",zone="package"} ${joules}`,
      );
    }
    return lines;
  }

  #running(node: number, step: number): readonly SimulatedPod[] {
    return this.pods.filter((pod) => pod.node === node && step >= pod.from && step < pod.to);
  }

  #coresUsed(node: number, step: number): number {
    return this.#running(node, step).reduce((sum, pod) => sum + coresOf(pod, step), SYSTEM_CORES);
  }

  #watts(node: number, step: number): number {
    return IDLE_WATTS + WATTS_A_CORE * this.#coresUsed(node, step);
  }

  #joules(node: number, step: number): number {
    return this.#sum(`joules of ${node}`, step, (i) => this.#watts(node, i) * STEP);
  }

  /** What something adds up to in the steps before one. */
  #sum(what: string, step: number, of: (step: number) => number): number {
    const sums = this.#sums.get(what) ?? [0];
    this.#sums.set(what, sums);
    for (let i = sums.length; i <= step; i++) sums.push((sums[i - 1] as number) + of(i - 1));
    return sums[step] as number;
  }
}

function coresOf({ cores, containers }: SimulatedPod, step: number): number {
  return (cores[step] as number) * containers.length;
}

/** Serves texts by their paths, as they are now. */
export async function serveTexts(textAt: (path: string) => string) {
  const server = createServer(({ url = '' }, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(textAt(url));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
