import {
  embodiedEmissions,
  findFigure,
  knownFigures,
  observeFactorRecords,
  runLabelsOf,
  softwareCarbonIntensity,
  workOf,
} from 'wattline/figures';
import {
  describeRun,
  type Factor,
  type Figure,
  type FigureDefinition,
  figure,
  type Run,
  type SourceContext,
} from 'wattline/plugin';
import { reservation, type SciConfig, unitName } from './settings.ts';

const GRAMS_PER_KG = 1000;
const { emissions, embodied, sci } = knownFigures;

/** Returns what adds the embodied emissions and the software carbon intensity of a run, and counts those that are not known. */
export function sciStep(config: SciConfig, ctx: SourceContext): (run: Run) => Run {
  const noteFactor = observeFactorRecords(ctx);
  const machine = reservation(config.embodied);
  const { total, lifespan, share } = machine;
  const factor: Factor = {
    id: `embodied/${ctx.id}`,
    quantity: 'embodied',
    value: embodiedEmissions(machine, 1),
    unit: 'kg{CO2e}/h',
    source: config.embodied.source,
    state: 'static',
  };
  const skip = ({ name }: FigureDefinition, reason: string, problem: string) =>
    ctx.skip({ item: name, reason, message: `no ${name}: ${problem}` });

  /** Returns a figure for each functional unit that is known. */
  const intensities = (run: Run, embodiedKg: number): Figure[] => {
    const operational = findFigure(run, emissions.name);
    if (!operational) {
      const what = `${describeRun(run)} has no \`${emissions.name}\` by location`;
      skip(sci, 'no_emissions', `${what}; the processor \`co2\` gives it some, and must come before`);
      return [];
    }
    return config.functional_units.flatMap((unit) => {
      const name = unitName(unit);
      const work = workOf(run, unit);
      if (work.value === undefined) {
        skip(sci, work.reason, `the functional unit \`${name}\` is not known: ${work.problem}`);
        return [];
      }
      const [o, m] = [operational.value * GRAMS_PER_KG, embodiedKg * GRAMS_PER_KG];
      const value = softwareCarbonIntensity(o, m, work.value) as number; // work is above 0
      const expression = `(${emissions.name} + ${embodied.name}) * ${GRAMS_PER_KG} / ${work.lines.at(-1)?.name}`;
      ctx.explain?.([...work.lines, { name: `${sci.name}_${name}`, expression, value, unit: sci.unit }]);
      return [figure(sci, value, { ...operational.labels, functional_unit: name })];
    });
  };

  return (run) => {
    const hours = workOf(run, 'hour');
    if (hours.value === undefined) {
      for (const figure of [embodied, sci]) skip(figure, hours.reason, hours.problem);
      return run;
    }
    const kilograms = embodiedEmissions(machine, hours.value);
    noteFactor(factor);
    const expression = 'machine_embodied_kg * (hours / machine_lifespan_hours) * machine_share';
    const { name, unit } = embodied;
    ctx.explain?.([
      ...hours.lines,
      { name: 'machine_embodied_kg', value: total, unit, note: `TE: ${factor.source}` },
      { name: 'machine_lifespan_hours', value: lifespan, unit: 'h', note: 'EL' },
      { name: 'machine_share', value: share, unit: '1', note: 'RR/ToR' },
      { name, expression, value: kilograms, unit },
    ]);
    return run.with({
      figures: [figure(embodied, kilograms, runLabelsOf(run), factor), ...intensities(run, kilograms)],
    });
  };
}
