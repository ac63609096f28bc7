import type { HostPower, UnknownPower } from './host-power.ts';
import { type FittedModel, predict } from './model.ts';

/** Returns what a host draws by the model of a group, which was fitted to mean watts on mean cores in use, with its interval. */
export function trainedPower(model: FittedModel, group = ''): HostPower | UnknownPower {
  const found = model.groups.get(group);
  if (!found) return { reason: 'no_model', problem: 'runs with power at too few different CPU use are known' };
  const { curve, runs, from, to } = found;
  const first = predict(model, group, from);
  const level = first.value === undefined ? undefined : first.interval?.level;
  return {
    at(cores) {
      const prediction = predict(model, group, cores);
      if (prediction.value === undefined) return { reason: prediction.reason, problem: prediction.problem };
      const { value, interval, extrapolated } = prediction;
      if (!interval) return { value, extrapolated };
      // An interval of the curves without single runs need not hold what the curve of all says.
      return { value, lower: Math.min(value, interval.lower), upper: Math.max(value, interval.upper), extrapolated };
    },
    ...(level !== undefined && { level }),
    basis: `${curve.kind} curve through ${runs} measured runs with ${from} to ${to} cores in use`,
  };
}
