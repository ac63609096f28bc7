import type { CsvLine } from '../csv.ts';
import { atLine, listed, quoted, shown, TableError, type TableRow } from '../factor-table.ts';
import { chooseSeries, type Series } from './choose-series.ts';
import { exchangeRows, priceText, SEPARATOR, type Shape, unitOf, zoneOf } from './shape.ts';

const PRICE = /^Day-ahead Price [[(]([A-Z]{3})\/MWh[\])]$/i;

/**
 * What the website of the Transparency Platform exports ("Energy Prices", `GUI_ENERGY_PRICES_….csv`), and exported until
 * 2024 ("Day-ahead Prices_….csv"). Its header is the source: the zone of the times, the currency, and of the older files
 * also the area. Times are `01/01/2026 00:00:00 - 01/01/2026 00:15:00`, around a change of clocks with `(CET)` or `(CEST)`;
 * in the older ones `01.01.2024 00:00 - 01.01.2024 01:00`. Sequence 1, or none, is the common auction of Europe. Known from
 * public programs that read exports of 2019 to 2026, and quote their lines.
 */
export const entsoePlatform: Shape = {
  header: new RegExp(`^"?MTU(?: \\([^)"]*\\))?${SEPARATOR}`),
  read({ header, lines }, options) {
    const [mtu = ''] = header.cells;
    const price = header.cells.findIndex((cell) => PRICE.test(cell));
    const currency = PRICE.exec(header.cells[price] ?? '')?.[1];
    if (currency === undefined || header.cells.some((cell, at) => at > price && PRICE.test(cell))) {
      throw otherColumns(header, 'Day-ahead Price (EUR/MWh)');
    }
    const [area, sequence] = ['Area', 'Sequence'].map((name) => header.cells.indexOf(name)) as [number, number];
    // Where they are not empty, intraday prices have rows of their own.
    const intraday = header.cells.findIndex((cell) => cell.startsWith('Intraday Price'));
    const dayAhead = lines.filter(
      ({ cells }) => priceText(cells[price]) !== undefined || priceText(cells[intraday]) === undefined,
    );
    const areaInHeader = header.cells.find((cell) => /^[A-Z]{2,3}\|/.test(cell));
    const series = longSeries(dayAhead, (cells) => {
      const name = cells[area] ?? areaInHeader;
      // `BZN|SE3` is the bidding zone SE3.
      return { names: name === undefined ? [] : [name, name.replace(/^.*\|/, '')], sequence: cells[sequence] };
    });
    const chosen = chooseSeries(series, options.area, header.line);
    const rows = chosen.lines.map(({ cells, line }): TableRow => {
      const [from, to] = (cells[0] ?? '').split(' - ');
      const value = priceText(cells[price]);
      return {
        from,
        to: to ?? '',
        value,
        valueKey: header.cells[price] as string,
        unit: unitOf(currency),
        line: () => line,
      };
    });
    return exchangeRows(rows, zoneOf(mtu, options, header.line), { from: mtu, to: mtu });
  },
};

/**
 * A file of the platform's file library, before 2025 its SFTP server: `…_EnergyPrices_12.1.D_r3.csv`, older
 * `…_DayAheadPrices_12.1.D.csv`, with tabs between cells. Each row names its length, area and currency. Known
 * from `ENTSOE_CSV.md` of github.com/intermittentnrg/intermittent-docs, which quotes lines of 2023 and 2025.
 */
export const entsoeLibrary: Shape = {
  header: new RegExp(
    `^(?:"?InstanceCode${SEPARATOR})?"?DateTime ?(?:\\(UTC\\))?${SEPARATOR}ResolutionCode${SEPARATOR}`,
  ),
  read({ header, lines }, options) {
    const index = (...names: string[]) => header.cells.findIndex((cell) => names.includes(cell.replaceAll(' ', '')));
    const [time, length] = [index('DateTime(UTC)', 'DateTime'), index('ResolutionCode')];
    const [price, currency] = [index('Price[Currency/MWh]', 'Price'), index('Currency')];
    const [type, map] = [index('AreaTypeCode'), index('MapCode', 'AreaMapCode')];
    const [contract, sequence] = [index('ContractType'), index('Sequence')];
    const others = [index('AreaDisplayName', 'AreaName'), index('AreaCode')];
    if (price < 0) throw otherColumns(header, 'Price[Currency/MWh]');
    // The same file has the auctions of the day.
    const dayAhead = lines.filter(({ cells }) => (cells[contract] ?? 'Day-ahead') === 'Day-ahead');
    const series = longSeries(dayAhead, (cells) => {
      const names = [`${cells[type]}|${cells[map]}`, ...[map, ...others].map((at) => cells[at] ?? '')];
      return { names, sequence: cells[sequence] };
    });
    const valueKey = header.cells[price] as string;
    const rows = chooseSeries(series, options.area, header.line).lines.map(
      ({ cells, line }): TableRow => ({
        from: cells[time],
        to: undefined,
        length: lengthOf(cells[length], line),
        value: priceText(cells[price]),
        valueKey,
        unit: unitOf(cells[currency]),
        line: () => line,
      }),
    );
    const key = header.cells[time] as string;
    return exchangeRows(rows, zoneOf(key, options, header.line), { from: key, to: key });
  },
};

function otherColumns({ cells, line }: CsvLine, wanted: string): TableError {
  return new TableError(atLine(line, `found ${shown(listed(cells), 200)}; expected one \`${wanted}\``));
}

interface LongSeries extends Series {
  readonly lines: CsvLine[];
}

/** Returns the lines of each area and sequence. An area is also found under its name with the sequence, as `SE3/1`. */
function longSeries(
  lines: readonly CsvLine[],
  describe: (cells: readonly string[]) => { readonly names: readonly string[]; readonly sequence: string | undefined },
): LongSeries[] {
  const found = new Map<string, LongSeries>();
  for (const line of lines) {
    const { names, sequence = '' } = describe(line.cells);
    const number = /\d+$/.exec(sequence)?.[0] ?? '1';
    const key = [...names, number].join('\n');
    const series = found.get(key) ?? { names: [...names, ...names.map((name) => `${name}/${number}`)], lines: [] };
    if (series.lines.push(line) === 1) found.set(key, series);
  }
  return [...found.values()];
}

/** Returns the seconds of a duration such as `PT15M`. */
function lengthOf(text: string | undefined, line: number): number {
  const minutes = /^PT(\d{1,4})M$/.exec(text ?? '')?.[1];
  if (minutes !== undefined) return Number(minutes) * 60;
  throw new TableError(atLine(line, `\`ResolutionCode\` is ${quoted(text)}; expected one such as PT15M or PT60M`));
}
