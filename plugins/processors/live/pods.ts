import type { Attributes } from '@opentelemetry/api';
import { textOf } from './attribute-text.ts';

/** In which pod and container a resource is, each by all the names that others may know it by. */
export type Inside = readonly string[];

/** The id of a container in the path of its control group. */
const containerId = /[0-9a-f]{64}/;

/** Returns the pod and container that a resource is in; nothing where it says none. */
export function insideOf(attributes: Attributes): Inside {
  const text = (name: string) => textOf(attributes[name]);
  const pod = text('k8s.pod.name');
  const pods = [text('k8s.pod.uid'), pod && `${text('k8s.namespace.name') ?? ''}/${pod}`].filter(
    (one) => one !== undefined,
  );
  const container = text('k8s.container.name');
  const id = text('container.id') ?? containerId.exec(text('process.cgroup') ?? '')?.[0];
  return [
    ...(id === undefined ? [] : [`container ${id}`]),
    ...(container === undefined ? [] : pods.map((one) => `container ${one} ${container}`)),
    ...pods.map((one) => `pod ${one}`),
  ];
}

/** Returns whether two resources are in the same container, as far as both say so. */
export function shareContainer(a: Inside, b: Inside): boolean {
  return a.some((place) => place.startsWith('container ') && b.includes(place));
}

/** Returns whether two resources are in the same pod, as far as both say so. */
export function sharePod(a: Inside, b: Inside): boolean {
  return a.some((place) => place.startsWith('pod ') && b.includes(place));
}

/** Returns whether two resources are one container: by the id, where both say it, else by its name in its pod. */
export function areOneContainer(a: Inside, b: Inside): boolean {
  return shareContainer(a, b) && !differ(a, b, /^container \S+$/);
}

/** Returns whether two resources are one pod: by the uid, where both say it, else by its name. */
export function areOnePod(a: Inside, b: Inside): boolean {
  return sharePod(a, b) && !differ(a, b, /^pod [^/]+$/);
}

/** Whether both have a name of that form, and not the same. */
function differ(a: Inside, b: Inside, form: RegExp): boolean {
  const [one, other] = [a, b].map((places) => places.find((place) => form.test(place)));
  return one !== undefined && other !== undefined && one !== other;
}

/** Returns whether a resource says in which container it is. */
export function namesContainer(inside: Inside): boolean {
  return inside.some((place) => place.startsWith('container '));
}
