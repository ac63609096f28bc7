import { messageOf, z } from 'wattline/plugin';
import { type Money, usDollars } from './money.ts';
import { runNumbers } from './run-numbers.ts';

const time = z
  .string()
  .transform((text) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text) / 1000))
  .refine(Number.isFinite, { error: 'expected a time such as 2026-01-31T12:00:00Z, or seconds since 1970' });

const labels = {
  scenario: z.string().optional(),
  search: z.string().optional(),
  region: z.string().optional(),
  encoder: z.string().optional(),
};

const filters = {
  ...labels,
  from: time.optional(),
  to: time.optional(),
};

/** The condition of each filter in SQL. */
const conditions = {
  scenario: 'scenario = :scenario',
  search: 'instr(lower(scenario), lower(:search)) > 0',
  region: 'region = :region',
  encoder: 'encoder = :encoder',
  from: 'ended >= :from',
  to: 'ended <= :to',
} as const;

const whole = (maximum: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: 'expected a whole number' })
    .transform(Number)
    .refine((value) => value >= 1 && value <= maximum, { error: `expected 1 to ${maximum}` });

/** Returns the columns of the table of runs that it can be sorted by. */
const sortColumns = (money: Money) => [
  ...['scenario', 'region', 'encoder', 'bitrate', 'ended_at'],
  ...Object.keys(runNumbers(money)),
];

/** Returns the query parameters of the route to runs. */
export const runParameters = (money: Money) =>
  z.strictObject({
    ...filters,
    sort: z.enum(sortColumns(money)).default('ended_at'),
    order: z.enum(['asc', 'desc']).default('desc'),
    page: whole(1_000_000).prefault('1'),
    page_size: whole(200).prefault('50'),
  });

/** The query parameters of each route, where money is in USD. */
export const parameters = {
  summary: z.strictObject(filters),
  runs: runParameters(usDollars),
  run: z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/, { error: 'expected 16 hexadecimal digits' }) }),
  streams: z.strictObject(labels),
};

export type Selection = z.output<typeof parameters.summary>;
export type StreamSelection = z.output<typeof parameters.streams>;
export type PageOfRuns = z.output<typeof parameters.runs>;

/** Says why a request is invalid. */
export class BadRequest extends Error {}

/** Parses the parameters of a query by a schema; empty ones count as absent. Throws `BadRequest`. */
export function readParameters<T>(schema: z.ZodType<T>, query: URLSearchParams): T {
  const given = [...query].filter(([, value]) => value !== '');
  const names = given.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new BadRequest(`${twice}: given twice`);
  const { data, error } = schema.safeParse(Object.fromEntries(given));
  if (!error) return data as T;
  throw new BadRequest(error.issues.map((issue) => describe(issue)).join('; '));
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown parameter ${issue.keys.join(', ')}`;
  return `${issue.path.join('.')}: ${messageOf(issue.message)}`;
}

/** Returns the SQL condition of a selection, and its values. */
export function whereOf(selection: Selection): { where: string; values: Record<string, string | number> } {
  const given = Object.entries(selection).filter(([name, value]) => name in conditions && value !== undefined);
  const where = given.map(([name]) => conditions[name as keyof Selection]).join(' AND ') || 'TRUE';
  return { where, values: Object.fromEntries(given) as Record<string, string | number> };
}
