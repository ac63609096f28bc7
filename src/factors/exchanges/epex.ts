import type { TableRow } from '../factor-table.ts';
import { chooseSeries } from './choose-series.ts';
import { exchangeRows, priceText, SEPARATOR, type Shape, unitOf, zoneOf } from './shape.ts';

/** A column of prices: an hour of the day, the second half or quarter of it, and of the hour that clocks repeat which one. */
const HOUR = /^Hour (?<hour>\d{1,2})(?<turn>[AB]?)(?: Q(?<part>[1-4]))?$/;

/**
 * The yearly files of auctions on the server of EPEX SPOT (`auction_spot_prices_germany_luxembourg_2026.csv`): a comment
 * that ends with the currency, then a line for each day, the latest first, with the day before the month. `Hour 3A` is the
 * third hour, empty where clocks skip it, and `Hour 3B` the same again where they repeat it. Statistics of the day follow.
 * Known from public programs that read files of 2017 to 2026.
 */
export const epexAuction: Shape = {
  header: new RegExp(`^"?Delivery day${SEPARATOR}Hour 1`),
  read({ preamble, header, lines }, options) {
    chooseSeries([{ names: [] }], options.area, header.line);
    const columns = hourColumns(header.cells);
    const length = 3600 / columns.reduce((most, { part }) => Math.max(most, part), 1);
    const unit = unitOf(/\bCurrency: ?([A-Z]{3})\b/i.exec(preamble)?.[1]);
    const rows = lines.flatMap(({ cells, line }) =>
      columns.map(({ name, index, hour, turn, part }): TableRow => {
        const minute = ((part - 1) * length) / 60;
        const from = `${cells[0]} ${twoDigits(hour - 1)}:${twoDigits(minute)}${turn && ` (${turn})`}`;
        return { from, to: undefined, length, value: priceText(cells[index]), valueKey: name, unit, line: () => line };
      }),
    );
    const key = header.cells[0] as string;
    return exchangeRows(rows, zoneOf(key, options, header.line), { from: key, to: key });
  },
};

/** Returns the columns of prices in the order of the day. */
function hourColumns(cells: readonly string[]) {
  const columns = cells.flatMap((name, index) => {
    const { hour, turn = '', part = '1' } = HOUR.exec(name)?.groups ?? {};
    return hour === undefined ? [] : { name, index, hour: Number(hour), turn, part: Number(part) };
  });
  return columns.sort((a, b) => a.hour - b.hour || a.turn.localeCompare(b.turn) || a.part - b.part);
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
