import type { TableRow } from '../factor-table.ts';
import { areaColumns } from './area-columns.ts';
import { chooseSeries } from './choose-series.ts';
import { exchangeRows, priceText, SEPARATOR, type Shape, unitOf, zoneOf } from './shape.ts';

/**
 * What the data portal of Nord Pool exports (`AuctionPrice_2026_DayAhead_SE3_EUR_None.csv`): columns such as
 * `SE3 Price (EUR)`. The header says `(CET)` of what clocks show, with and without summer time, so that only the
 * configuration can say whose clocks these are. Known from public programs that read files of 2024 to 2026.
 */
export const nordPoolPortal: Shape = areaColumns(
  new RegExp(`^"?Delivery Start(?: \\([^)"]*\\))?${SEPARATOR}Delivery End`),
  /^(?<area>.+?)(?: Price)? \((?<currency>[A-Z]{3})\)$/,
);

/**
 * The yearly files of Nord Pool's former website (`elspot-prices_2021_hourly_eur`), saved as CSV: a title that names the
 * currency, a column of dates without a name, one of hours such as `00 - 01`, and one for each area. The hour that clocks
 * repeat stands twice, that which they skip has no prices. The title of a file is the only place of its currency.
 * Known from the tests of github.com/joneskoo/etget, which quote lines of 2016.
 */
export const nordPoolElspot: Shape = {
  header: new RegExp(`^(?:"")?[,;\\t]"?Hours${SEPARATOR}`),
  read({ preamble, header, lines }, options) {
    const unit = unitOf(/Prices in ([A-Z]{3})\/MWh/.exec(preamble)?.[1]);
    const columns = header.cells.map((column, index) => ({ names: [column], index }));
    const areas = columns.filter(({ names: [name], index }) => index > 1 && name !== '');
    const { names, index } = chooseSeries(areas, options.area, header.line);
    const rows = lines.map(({ cells, line }): TableRow => {
      const [date = '', hours = ''] = cells;
      const hour = /^(\d\d)\s*-\s*\d\d$/.exec(hours)?.[1];
      return {
        from: hour === undefined ? `${date} ${hours}` : `${date} ${hour}:00`,
        to: undefined,
        length: 3600,
        value: priceText(cells[index]),
        valueKey: names[0] as string,
        unit,
        line: () => line,
      };
    });
    return exchangeRows(rows, zoneOf('Hours', options, header.line), { from: 'Hours', to: 'Hours' });
  },
};
