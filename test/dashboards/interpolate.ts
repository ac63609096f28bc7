import type { Dashboard, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';

/** Values that a reader has chosen, by variable: one, or several. */
export type Choices = Readonly<Record<string, string | readonly string[]>>;

/** The time range of a dashboard, in seconds since 1970. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

const SCRAPE_INTERVAL = 15;
const MAX_POINTS = 300;

/** The seconds between two points of a line, as Grafana chooses them for 300 points. */
export function stepOf({ from, to }: TimeRange): number {
  return Math.ceil((to - from) / MAX_POINTS);
}

/**
 * A query with its variables replaced, as Grafana's Prometheus data source does it: choices as regular expressions
 * where several are possible, else as they are; All as the variable says. Throws at a variable that nobody defines.
 */
export function interpolate(expression: string, dashboard: Dashboard, range: TimeRange, choices: Choices = {}): string {
  const step = stepOf(range);
  const builtIn: Readonly<Record<string, string>> = {
    __interval: `${step}s`,
    __rate_interval: `${Math.max(step + SCRAPE_INTERVAL, 4 * SCRAPE_INTERVAL)}s`,
    __range: `${Math.round(range.to - range.from)}s`,
  };
  const replaced = expression.replace(/\$(?:(\w+)|\{(\w+)\})/g, (_, bare, braced) => {
    const name: string = bare ?? braced;
    const variable = dashboard.templating.list?.find((known) => known.name === name);
    const value = builtIn[name] ?? (variable && chosenValue(variable, choices[name]));
    if (value === undefined) throw new Error(`$${name} is not defined: ${expression}`);
    return value;
  });
  if (replaced.includes('$')) throw new Error(`a variable is left: ${replaced}`);
  return replaced;
}

function chosenValue(variable: VariableModel, choice: string | readonly string[] | undefined): string {
  const value = choice ?? variable.current?.value ?? '';
  if (value === '$__all' || (typeof value !== 'string' && value[0] === '$__all')) return variable.allValue as string;
  if (!variable.multi) return String(value).replaceAll('\\', '\\\\').replaceAll("'", "\\\\'");
  const alternatives = (typeof value === 'string' ? [value] : value).map((text) =>
    text.replaceAll('\\', '\\\\\\\\').replace(/[$^*{}[\]+?.()|]/g, '\\\\$&'),
  );
  return alternatives.length === 1 ? (alternatives[0] as string) : `(${alternatives.join('|')})`;
}
