import { Attribute, type Batch, findFigure, regionOf, scenarioOf } from 'wattline/plugin';
import type { Condition } from './settings.ts';

/** Whether a run meets a condition. */
export type Test = (batch: Batch) => boolean;

/**
 * Compiles a condition to a test of runs. A missing attribute or figure meets only `exists: false`. Calls `noFigure` where
 * a figure to compare is missing.
 */
export function testOf(condition: Condition, noFigure: (figure: string, batch: Batch) => void): Test {
  const { all, not, attribute, figure } = condition;
  if (all) return every(all.map((one) => testOf(one, noFigure)));
  if (not) {
    const test = testOf(not, noFigure);
    return (batch) => !test(batch);
  }
  if (attribute !== undefined) return (batch) => holds(condition, attributeOf(batch, attribute));
  const name = figure as string;
  return (batch) => {
    const value = findFigure(batch, name)?.value;
    if (value === undefined && condition.exists === undefined) noFigure(name, batch);
    return holds(condition, value);
  };
}

function every(tests: readonly Test[]): Test {
  return (batch) => tests.every((test) => test(batch));
}

/** Returns an attribute as in the labels of figures: `service.name` replaces a missing `scenario`, `cloud.region` a `region`. */
function attributeOf({ resource: { attributes } }: Batch, name: string): unknown {
  if (name === Attribute.scenario) return scenarioOf(attributes) ?? attributes[name];
  if (name === Attribute.region) return regionOf(attributes) ?? attributes[name];
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
