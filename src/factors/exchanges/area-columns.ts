import type { TableRow } from '../factor-table.ts';
import { chooseSeries } from './choose-series.ts';
import { exchangeRows, priceText, type Shape, unitOf, zoneOf } from './shape.ts';

/**
 * Returns the shape of files whose first two columns are when a row begins and ends. The others are prices where `price`
 * finds an `area` and a `currency` in their name.
 */
export function areaColumns(header: RegExp, price: RegExp): Shape {
  return {
    header,
    read({ header, lines }, options) {
      const [from = '', to = ''] = header.cells;
      const columns = header.cells.flatMap((column, index) => {
        const { area, currency } = price.exec(column)?.groups ?? {};
        return area === undefined || index < 2 ? [] : { names: [area, column], column, index, unit: unitOf(currency) };
      });
      const { column, index, unit } = chooseSeries(columns, options.area, header.line);
      const rows = lines.map(({ cells, line }): TableRow => {
        const value = priceText(cells[index]);
        return { from: cells[0], to: cells[1], value, valueKey: column, unit, line: () => line };
      });
      return exchangeRows(rows, zoneOf(from, options, header.line), { from, to });
    },
  };
}
