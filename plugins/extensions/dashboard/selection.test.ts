import { describe, expect, it } from 'vitest';
import { BadRequest, parameters, readParameters, whereOf } from './selection.ts';

const runs = (query: string) => readParameters(parameters.runs, new URLSearchParams(query));

describe('parameters', () => {
  it('have defaults, and empty ones are as good as absent', () => {
    const defaults = { sort: 'ended_at', order: 'desc', page: 1, page_size: 50 };
    expect(runs('')).toEqual(defaults);
    expect(runs('scenario=&region=&page=&from=')).toEqual(defaults);
    expect(runs('page=3&page_size=200&sort=co2_kg&order=asc')).toEqual({
      ...{ page: 3, page_size: 200, sort: 'co2_kg', order: 'asc' },
    });
  });

  it('take times as a calendar or a clock has them', () => {
    expect(runs('from=2026-01-31T12:00:00Z&to=1769860800.5')).toMatchObject({
      from: 1_769_860_800,
      to: 1_769_860_800.5,
    });
  });

  it.each([
    ['page=0', 'page: expected 1 to 1000000'],
    ['page=x', 'page: expected a whole number'],
    ['page_size=201', 'page_size: expected 1 to 200'],
    ['sort=ended; DROP TABLE run', 'sort: Invalid option'],
    ['order=up', 'order: Invalid option'],
    ['from=yesterday', 'from: expected a time such as 2026-01-31T12:00:00Z, or seconds since 1970'],
    ['scenari=x', 'unknown parameter scenari'],
    ['region=a&region=b', 'region: given twice'],
    ['__proto__=x', 'unknown parameter __proto__'],
  ])('%s is refused with the reason', (query, reason) => {
    expect(() => runs(query)).toThrow(BadRequest);
    expect(() => runs(query)).toThrow(reason);
  });
});

describe('a condition', () => {
  it('has every filter that is given, and its values apart from the text', () => {
    expect(whereOf({})).toEqual({ where: 'TRUE', values: {} });
    expect(whereOf({ scenario: "a' OR 1", from: 5 })).toEqual({
      where: 'scenario = :scenario AND ended >= :from',
      values: { scenario: "a' OR 1", from: 5 },
    });
  });
});
