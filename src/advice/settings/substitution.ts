import { measure } from '../../figures/measure.ts';
import { spreadOf } from '../../figures/spread.ts';
import { Attribute } from '../../model/attributes.ts';
import { toSeconds } from '../../model/hr-time.ts';
import type { Run } from '../../model/run.ts';
import { cpuUsage, hostPower, type Signal } from '../../model/signals.ts';
import type { Change } from '../advice.ts';
import { numberOfRun, RUN_NUMBER, shiftedBy, withValues } from '../changed-runs.ts';
import { differenceInterval, type Sampled } from '../mean-interval.ts';
import { settingsOf } from './encodes.ts';
import { nameOf, type Setting } from './setting.ts';

/** The level of the interval of a saving. */
const LEVEL = 0.9;

/** How many times what was measured the power and the CPU time of runs are taken to be. */
interface Factors {
  readonly power: number;
  readonly cpu: number;
}

/**
 * Returns the change that puts measured runs of one setting, in turn, in the places of those of another: each at the time of
 * the run that it stands for. With factors, their power and CPU time are so many times what was measured.
 */
export function inPlaceOf(from: Setting, to: Setting, factors?: Factors): Change {
  const places = new Map(from.encodes.map(({ run }, i) => [numberOfRun(run), i]));
  return (runs) => {
    // Other advice may have changed these runs, and what it has changed counts.
    const present = new Map(runs.map((run) => [numberOfRun(run), run]));
    const substitutes = to.encodes.map(({ run }) => {
      const now = present.get(numberOfRun(run));
      // But for advice that they give way to others themselves, whose quality may be too low here.
      return now !== undefined && nameOf(settingsOf(now)) === to.name ? now : run;
    });
    return runs.map((run) => {
      const place = places.get(numberOfRun(run));
      if (place === undefined) return run;
      const substitute = substitutes[place % substitutes.length] as Run;
      return standingFor(
        run,
        factors
          ? withValues(substitute, (was, _, signal) => was * factors[signal === hostPower ? 'power' : 'cpu'])
          : substitute,
      );
    });
  };
}

/** Returns how far off the means of the other setting may be, as far as the runs of both tell, as factors of them. */
export function factorEnds(from: Setting, to: Setting): { readonly lower: Factors; readonly upper: Factors } {
  const [power, cpu] = [hostPower, cpuUsage].map((signal) => {
    const [now, then] = [sampled(from, signal), sampled(to, signal)];
    const saving = now && then && then.value > 0 ? differenceInterval(now, then, LEVEL) : undefined;
    return saving && then ? (saving.upper - saving.value) / then.value : 0;
  }) as [number, number];
  const at = (sign: number) => ({ power: Math.max(0, 1 + sign * power), cpu: Math.max(0, 1 + sign * cpu) });
  return { lower: at(-1), upper: at(1) };
}

/** The mean integral of a signal over the runs of a setting; undefined where one of them does not have it. */
function sampled({ encodes }: Setting, signal: Signal): Sampled | undefined {
  const values = encodes.flatMap(({ run }) => measure(run, signal).value ?? []);
  const spread = spreadOf(values);
  if (!spread || values.length < encodes.length) return undefined;
  const { mean, deviation = 0, runs } = spread;
  return { value: mean, error: deviation / Math.sqrt(runs), runs };
}

/** Returns a run at the time, with the number and under the id of another. */
function standingFor(place: Run, run: Run): Run {
  const later = place.isDated && run.isDated ? toSeconds(place.window.start) - toSeconds(run.window.start) : 0;
  const { [RUN_NUMBER]: number, [Attribute.id]: id } = place.attributes;
  return shiftedBy(run, later).with({ attributes: { [RUN_NUMBER]: number, [Attribute.id]: id } });
}
