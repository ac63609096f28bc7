import type { Scrape } from './deliveries.ts';
import type { Meter } from './machine.ts';

const ENDS = { J: 'joules', W: 'watts', s: 'seconds' } as const;
/** How many readings are on a page. */
const LENGTH = 8;

/**
 * Returns the pages of a machine in OpenMetrics, which may show several points of a series if each has its time, in an hour
 * that began at a time in whole seconds since 1970. Each begins with the points that the one before has ended with, and
 * says once of processes when they began.
 */
export function textPages(scrapes: readonly Scrape[], hour: number): string[] {
  const pages: Scrape[][] = [];
  for (const scrape of scrapes) {
    const page = pages.at(-1);
    const last = page?.at(-1);
    if (page && page.length < LENGTH && last?.start === scrape.start) page.push(scrape);
    else pages.push(last && last.start === scrape.start ? [last, scrape] : [scrape]);
  }
  return pages.map((page) => pageOf(page, hour));
}

function pageOf(scrapes: readonly Scrape[], hour: number): string {
  const [{ machine, start }] = scrapes as readonly [Scrape];
  const lines: string[] = [];
  for (const [family, meters] of Map.groupBy(machine.meters, familyOf)) {
    const isCounter = meters[0]?.form === 'counter';
    lines.push(`# TYPE ${family} ${isCounter ? 'counter' : 'gauge'}`);
    for (const meter of meters) {
      const series = `${family}${isCounter ? '_total' : ''}{${labelsOf(meter)}}`;
      for (const { readings, time } of scrapes) {
        const value = readings.find((reading) => reading.meter === meter)?.value;
        lines.push(`${series} ${value} ${hour + time / 1000}`);
      }
    }
    if (start !== undefined && family.startsWith('process_')) {
      lines.push('# TYPE process_start_time_seconds gauge', `process_start_time_seconds ${hour + start / 1000}`);
    }
  }
  return lines.join('\n');
}

function familyOf({ name, unit }: Meter): string {
  return name.includes('.') ? `${underscored(name)}_${ENDS[unit]}` : name.replace(/_total$/, '');
}

function labelsOf({ attributes }: Meter): string {
  return Object.entries(attributes)
    .map(([key, text]) => `${underscored(key)}="${text}"`)
    .join(',');
}

function underscored(name: string): string {
  return name.replaceAll('.', '_');
}
