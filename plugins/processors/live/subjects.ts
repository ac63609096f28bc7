import type { Attributes } from '@opentelemetry/api';
import type { Boundary } from 'wattline/figures';
import { textOf } from './attribute-text.ts';
import { areOneContainer, areOnePod, type Inside } from './pods.ts';

/** What a resource says of the process that it is, as far as another sender may say it too. */
export interface ProcessName {
  readonly pid: string;
  /** The file name of its executable. */
  readonly executable?: string;
  /** What else tells it from another of that id, as one of another container may have. */
  readonly traits?: readonly string[];
  /** Whether it says of which service it is, as an application does, and who watches processes does not. */
  readonly isService?: true;
}

/** What a resource says of what it is. */
export interface Subject {
  readonly resource: string;
  readonly inside: Inside;
  readonly process?: ProcessName | undefined;
}

/** What is known of what is measured within a boundary. */
interface Measured extends Partial<Subject> {
  readonly boundary: Boundary;
}

/** Attributes that two processes of one id differ in. */
const TRAITS = ['process.parent_pid', 'process.creation.time', 'scenario'];
/** The process that a container runs has this id, whichever it is. */
const FIRST = '1';

/** Returns the process that a resource is; undefined where it does not say so. */
export function processIn(attributes: Attributes): ProcessName | undefined {
  const text = (key: string) => textOf(attributes[key]);
  const [pid, service] = [text('process.pid'), text('service.name')];
  if (pid === undefined || pid === FIRST) return undefined;
  // Some name the file, and some its path.
  const executable = (text('process.executable.name') ?? text('process.executable.path'))?.split(/[/\\]/).at(-1);
  const traits = TRAITS.map((key) => text(key) ?? '');
  return {
    pid,
    ...(executable && { executable }),
    ...(traits.some((one) => one !== '') && { traits }),
    ...(service !== undefined && { isService: true }),
  };
}

/**
 * Returns what a resource's own meters of a boundary are known by: the container, the pod or the process that somebody
 * watches, where it names one, else all that the resource says of itself.
 */
export function subjectOf(boundary: Boundary, { resource, inside, process }: Subject): string {
  if (boundary === 'process') {
    if (!process || process.isService) return resource;
    return ['process', process.pid, process.executable, ...(process.traits ?? []), ...inside].join(' ');
  }
  return inside.find((place) => place.startsWith(`${boundary} `)) ?? resource;
}

/** Returns texts of which two feeds have one in common if they measure the same process, container or pod. */
export function subjectsOf({ boundary, resource = '', process, inside = [] }: Measured): readonly string[] {
  if (boundary === 'process') return process ? [resource, `process ${process.pid}`] : [resource];
  return [resource, ...inside.filter((place) => place.startsWith(`${boundary} `))];
}

/** Whether two feeds measure the same process, container or pod, whatever else their resources say. */
export function haveOneSubject(a: Measured, b: Measured): boolean {
  if (a.resource === b.resource) return true;
  const [some = [], others = []] = [a.inside, b.inside];
  if (a.boundary !== b.boundary) return false;
  if (a.boundary === 'pod') return areOnePod(some, others);
  if (a.boundary === 'container') return areOneContainer(some, others);
  return (
    a.process !== undefined &&
    b.process !== undefined &&
    areOneProcess(a.process, b.process, some.join() === others.join())
  );
}

/**
 * Two services are two processes: each may count its own from 1 in a container of which it does not know. So may a service
 * and a process that somebody watches, unless both name the same executable.
 */
function areOneProcess(a: ProcessName, b: ProcessName, areAround: boolean): boolean {
  if (a.pid !== b.pid || !areAround || (a.isService && b.isService)) return false;
  if (a.isService || b.isService) return a.executable !== undefined && a.executable === b.executable;
  const areAlike = (a.traits ?? []).every((one, i) => one === '' || !b.traits?.[i] || one === b.traits[i]);
  return areAlike && (a.executable === undefined || b.executable === undefined || a.executable === b.executable);
}
