import { Attribute } from '../../model/attributes.ts';
import { toSeconds } from '../../model/hr-time.ts';
import type { Run } from '../../model/run.ts';
import type { Change } from '../advice.ts';
import { numberOfRun, RUN_NUMBER, shiftedBy, withValues } from '../changed-runs.ts';
import { settingsOf } from './encodes.ts';
import { nameOf, type Setting } from './setting.ts';

/**
 * Returns the change that puts measured runs of one setting, in turn, in the places of those of another: each at the time of
 * the run that it stands for. With a factor, their power and CPU time are so many times what was measured.
 */
export function inPlaceOf(from: Setting, to: Setting, factor = 1): Change {
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
      return standingFor(run, factor === 1 ? substitute : withValues(substitute, (was) => was * factor));
    });
  };
}

/** Returns a run at the time, with the number and under the id of another. */
function standingFor(place: Run, run: Run): Run {
  const later = place.isDated && run.isDated ? toSeconds(place.window.start) - toSeconds(run.window.start) : 0;
  const { [RUN_NUMBER]: number, [Attribute.id]: id } = place.attributes;
  return shiftedBy(run, later).with({ attributes: { [RUN_NUMBER]: number, [Attribute.id]: id } });
}
