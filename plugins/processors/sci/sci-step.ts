import {
  embodiedEmissions,
  findFigure,
  knownFigures,
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

/** Adds the embodied emissions and the software carbon intensity of a run. */
export class SciStep {
  readonly #config: SciConfig;
  readonly #ctx: SourceContext;
  readonly #machine: ReturnType<typeof reservation>;
  readonly #factor: Factor;
  readonly #noteFactor: (factor: Factor) => void;

  constructor(config: SciConfig, ctx: SourceContext, noteFactor: (factor: Factor) => void) {
    this.#config = config;
    this.#ctx = ctx;
    this.#machine = reservation(config.embodied);
    this.#noteFactor = noteFactor;
    const id = `embodied/${ctx.id}`;
    const value = embodiedEmissions(this.#machine, 1);
    const { source } = config.embodied;
    this.#factor = { id, quantity: 'embodied', value, unit: 'kg{CO2e}/h', source, state: 'static' };
  }

  /** Returns the run with these figures, and counts those that are not known. */
  apply(run: Run): Run {
    const hours = workOf(run, 'hour');
    if (hours.value === undefined) {
      for (const figure of [embodied, sci]) this.#skip(figure, hours.reason, hours.problem);
      return run;
    }
    const { total, lifespan, share } = this.#machine;
    const kilograms = embodiedEmissions(this.#machine, hours.value);
    this.#noteFactor(this.#factor);
    const expression = 'machine_embodied_kg * (hours / machine_lifespan_hours) * machine_share';
    const { name, unit } = embodied;
    this.#ctx.explain?.([
      ...hours.lines,
      { name: 'machine_embodied_kg', value: total, unit, note: `TE: ${this.#factor.source}` },
      { name: 'machine_lifespan_hours', value: lifespan, unit: 'h', note: 'EL' },
      { name: 'machine_share', value: share, unit: '1', note: 'RR/ToR' },
      { name, expression, value: kilograms, unit },
    ]);
    const figures = [figure(embodied, kilograms, runLabelsOf(run), this.#factor), ...this.#intensity(run, kilograms)];
    return run.with({ figures });
  }

  /** Returns a figure for each functional unit that is known. */
  #intensity(run: Run, embodiedKg: number): Figure[] {
    const operational = findFigure(run, emissions.name);
    if (!operational) {
      const what = `${describeRun(run)} has no \`${emissions.name}\` by location`;
      this.#skip(sci, 'no_emissions', `${what}; the processor \`co2\` gives it some, and must come before`);
      return [];
    }
    return this.#config.functional_units.flatMap((unit) => {
      const name = unitName(unit);
      const work = workOf(run, unit);
      if (work.value === undefined) {
        this.#skip(sci, work.reason, `the functional unit \`${name}\` is not known: ${work.problem}`);
        return [];
      }
      const [o, m] = [operational.value * GRAMS_PER_KG, embodiedKg * GRAMS_PER_KG];
      const value = softwareCarbonIntensity(o, m, work.value) as number; // work is above 0
      const expression = `(${emissions.name} + ${embodied.name}) * ${GRAMS_PER_KG} / ${work.lines.at(-1)?.name}`;
      this.#ctx.explain?.([...work.lines, { name: `${sci.name}_${name}`, expression, value, unit: sci.unit }]);
      return [figure(sci, value, { ...operational.labels, functional_unit: name })];
    });
  }

  #skip({ name }: FigureDefinition, reason: string, problem: string): void {
    this.#ctx.skip({ item: name, reason, message: `no ${name}: ${problem}` });
  }
}
