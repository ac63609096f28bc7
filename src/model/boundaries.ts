/**
 * What a meter measures around, each with what holds all of it. Siblings have nothing in common and may be added:
 * the sockets' packages, their memory, the graphics cards. A facility is what the data centre draws for a host, with its
 * share of cooling and losses. What the platform (psys) holds is up to who built the machine, so that all of it counts as
 * held. The second table is the same for CPU time.
 */
const holders = {
  facility: undefined,
  host: 'facility',
  psys: 'host',
  'package+dram': 'psys',
  package: 'package+dram',
  dram: 'package+dram',
  core: 'package',
  uncore: 'package',
  gpu: 'psys',

  system: undefined,
  containers: 'system',
  pod: 'containers',
  container: 'pod',
  process: 'container',

  share: undefined,
  active: undefined,
  idle: undefined,
} as const;

/**
 * A boundary of power (`facility` … `gpu`) or of CPU time: `containers` are all those of a host, as cAdvisor sees them. Or what
 * a meter of power says of the energy of its host: the `share` of a workload, and what was `active` or `idle`.
 */
export type Boundary = keyof typeof holders;

/** All that holds each boundary, the closest first. */
const around: ReadonlyMap<Boundary, readonly Boundary[]> = new Map(
  (Object.keys(holders) as Boundary[]).map((boundary) => [boundary, holdersOf(boundary)]),
);

/** Whether the second boundary lies within the first. */
export function holds(outer: Boundary, inner: Boundary): boolean {
  return around.get(inner)?.includes(outer) ?? false;
}

function holdersOf(boundary: Boundary): readonly Boundary[] {
  const holder: Boundary | undefined = holders[boundary];
  return holder === undefined ? [] : [holder, ...holdersOf(holder)];
}

/** Whether both measure some of the same. */
export function overlap(a: Boundary, b: Boundary): boolean {
  return a === b || holds(a, b) || holds(b, a);
}

/** How many boundaries hold this one. */
export function depthOf(boundary: Boundary): number {
  return around.get(boundary)?.length ?? 0;
}

/** The boundary of power that a label names, such as `package-0` or `package-0-die-1`; undefined where it is not a known one. */
export function powerBoundary(name: string): Boundary | undefined {
  const plain = name.replace(/(-\d+)?(-die-\d+)?$/, '');
  return (['psys', 'package', 'dram', 'core', 'uncore'] as const).find((boundary) => boundary === plain);
}
