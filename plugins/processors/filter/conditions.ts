import { findFigure } from 'wattline/figures';
import { Attribute, type Run } from 'wattline/plugin';
import type { Condition } from './settings.ts';

/** Returns whether a run meets a condition. */
export type Test = (run: Run) => boolean;

/**
 * Compiles a condition to a test of runs. A missing attribute or figure meets only `exists: false`. Calls `noFigure` where
 * a figure to compare is missing.
 */
export function testOf(condition: Condition, noFigure: (figure: string, run: Run) => void): Test {
  const { all, not, attribute, figure } = condition;
  if (all) {
    const tests = all.map((one) => testOf(one, noFigure));
    return (run) => tests.every((test) => test(run));
  }
  if (not) {
    const test = testOf(not, noFigure);
    return (run) => !test(run);
  }
  if (attribute !== undefined) return (run) => holds(condition, attributeOf(run, attribute));
  const name = figure as string;
  return (run) => {
    const value = findFigure(run, name)?.value;
    if (value === undefined && condition.exists === undefined) noFigure(name, run);
    return holds(condition, value);
  };
}

/** Returns an attribute as in the labels of figures: `service.name` replaces a missing `scenario`, `cloud.region` a `region`. */
function attributeOf(run: Run, name: string): unknown {
  if (name === Attribute.scenario) return run.scenario ?? run.attributes[name];
  if (name === Attribute.region) return run.region ?? run.attributes[name];
  // Records of factors are made of all figures.
  const attributes = name.startsWith('factor.') ? run.resource.attributes : run.attributes;
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

function holds({ equals, in: others, matches, exists, above, below }: Condition, value: unknown): boolean {
  if (value === undefined) return exists === false;
  if (exists === false) return false;
  // A list meets a test if one of its items does.
  const texts = (Array.isArray(value) ? value : [value]).map(String);
  if (equals !== undefined && !texts.includes(String(equals))) return false;
  if (others && !others.some((other) => texts.includes(String(other)))) return false;
  if (matches && !texts.some((text) => matches.test(text))) return false;
  if (above !== undefined && !(typeof value === 'number' && value > above)) return false;
  return below === undefined || (typeof value === 'number' && value < below);
}
