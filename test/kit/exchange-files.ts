import { Temporal } from 'temporal-polyfill';

/** A price in a currency per MWh, and when it holds, in seconds since 1970; undefined where it is not known. */
export interface PricePeriod {
  readonly from: number;
  readonly to: number;
  readonly price: number | undefined;
}

/** What a power exchange writes, made of prices of the zone `Europe/Berlin`. */
export interface ExchangeFile {
  readonly name: string;
  /** The shortest period that it can write, in seconds. */
  readonly shortest: number;
  /** Whether a file may have periods of several lengths. */
  readonly isMixed: boolean;
  /** What an entry states beside `file`. */
  readonly entry: { readonly time_zone?: string; readonly area?: string };
  write(periods: readonly PricePeriod[], currency: string): string;
}

const ZONE = 'Europe/Berlin';
const otherPrice = '999.99';

/** The shapes of files with prices of a day ahead, each written by what is known of it and not by the code that reads it. */
export const exchangeFiles: readonly ExchangeFile[] = [
  {
    name: 'entsoe-platform.csv',
    shortest: 900,
    isMixed: true,
    entry: {},
    write: (periods, currency) =>
      lines([
        `"MTU (CET/CEST)","Area","Sequence","Day-ahead Price (${currency}/MWh)","Intraday Period (CET/CEST)","Intraday Price (${currency}/MWh)"`,
        ...periods.map(({ from, to, price }) => {
          const [begin, end] = [at(from), at(to)];
          // The platform names the clock where a period begins by one and ends by another.
          const clock = (time: Temporal.ZonedDateTime) =>
            begin.offset === end.offset ? '' : ` (${time.offset === '+02:00' ? 'CEST' : 'CET'})`;
          const mtu = `${slashed(begin)}:00${clock(begin)} - ${slashed(end)}:00${clock(end)}`;
          return `"${mtu}","BZN|DE-LU","Sequence 1","${price ?? ''}","",""`;
        }),
      ]),
  },
  {
    name: 'entsoe-before-2024.csv',
    shortest: 900,
    isMixed: true,
    entry: { time_zone: 'Europe/Helsinki', area: 'DE-LU' },
    write: (periods, currency) =>
      lines([
        `"MTU (CET/CEST)","Day-ahead Price [${currency}/MWh]","Currency","BZN|DE-LU"`,
        ...periods.flatMap(({ from, to, price }) => {
          const begin = at(from);
          const end = begin.toPlainDateTime().add({ seconds: to - from });
          const row = `"${dotted(begin)} - ${dotted(end)}","${price ?? 'n/e'}","${currency}",""`;
          const isBeforeSkip = at(to).hour === 3 && begin.offset === '+01:00' && at(to).offset === '+02:00';
          const skipped = `"${dotted(begin).slice(0, 10)} 02:00 - ${dotted(begin).slice(0, 10)} 03:00","","",""`;
          return isBeforeSkip ? [row, skipped] : [row];
        }),
      ]),
  },
  {
    name: 'entsoe-library.csv',
    shortest: 900,
    isMixed: true,
    entry: { area: 'BZN|DE_LU' },
    write: (periods, currency) =>
      lines([
        'InstanceCode\tDateTime(UTC)\tResolutionCode\tAreaCode\tAreaDisplayName\tAreaTypeCode\tMapCode\tContractType\tSequence\tPrice[Currency/MWh]\tCurrency\tUpdateTime(UTC)',
        ...periods.flatMap(({ from, to, price }) => {
          const time = new Date(from * 1000).toISOString().slice(0, 19).replace('T', ' ');
          const row = (area: string, map: string, contract: string, text: string | number = '') => [
            'x',
            time,
            `PT${(to - from) / 60}M`,
            area,
            map.replace('_', '-'),
            'BZN',
            map,
            contract,
            '1',
            text,
            currency,
            time,
          ];
          return [
            row('10Y1001A1001A46L', 'SE3', 'Day-ahead', otherPrice),
            row('10Y1001A1001A82H', 'DE_LU', 'Day-ahead', price),
            row('10Y1001A1001A82H', 'DE_LU', 'Intraday', otherPrice),
          ].map((cells) => cells.join('\t'));
        }),
      ]),
  },
  {
    name: 'nord-pool-portal.csv',
    shortest: 900,
    isMixed: true,
    entry: { time_zone: ZONE, area: 'GER' },
    write: (periods, currency) =>
      lines([
        `Delivery Start (CET);Delivery End (CET);GER Price (${currency});SE3 Price (${currency})`,
        ...periods.map(({ from, to, price }) => {
          return `${dotted(at(from))}:00;${dotted(at(to))}:00;${withComma(price)};${otherPrice.replace('.', ',')}`;
        }),
      ]),
  },
  {
    name: 'nord-pool-elspot.csv',
    shortest: 3600,
    isMixed: false,
    entry: { time_zone: ZONE, area: 'DE-LU' },
    write: (periods, currency) =>
      lines([
        `Elspot Prices in ${currency}/MWh;;;`,
        'Data was last updated 01-11-2026;;;',
        ';Hours;SE3;DE-LU',
        ...periods.flatMap(({ from, to, price }) => {
          const [begin, end] = [at(from), at(from).toPlainDateTime().add({ hours: 1 })];
          const date = dotted(begin).slice(0, 10).replaceAll('.', '-');
          const row = `${date};${twoDigits(begin.hour)}\u00A0-\u00A0${twoDigits(end.hour)};999,99;${withComma(price)}`;
          return at(to).hour === 3 && begin.hour === 1 ? [row, `${date};02\u00A0-\u00A003;;`] : [row];
        }),
      ]),
  },
  {
    name: 'epex.csv',
    shortest: 900,
    isMixed: false,
    entry: { time_zone: ZONE },
    write: writeEpex,
  },
  {
    name: 'smard.csv',
    shortest: 900,
    isMixed: true,
    entry: { time_zone: ZONE, area: 'Deutschland/Luxemburg' },
    write: (periods, currency) =>
      lines([
        `Datum von;Datum bis;Deutschland/Luxemburg [${currency === 'EUR' ? '€' : currency}/MWh] Originalauflösungen;Schweden 4 [${currency}/MWh] Originalauflösungen`,
        ...periods.map(({ from, to, price }) => {
          return `${dotted(at(from))};${dotted(at(to))};${price === undefined ? '-' : withThousands(price)};1,00`;
        }),
      ]),
  },
];

function writeEpex(periods: readonly PricePeriod[], currency: string): string {
  const [{ from, to } = { from: 0, to: 3600 }] = periods;
  const parts = 3600 / (to - from);
  const hours = ['1', '2', '3A', '3B', ...Array.from({ length: 21 }, (_, index) => String(index + 4))];
  const columns = hours.flatMap((hour) =>
    parts === 1 ? [`Hour ${hour}`] : Array.from({ length: parts }, (_, index) => `Hour ${hour} Q${index + 1}`),
  );
  const days = new Map<string, string[]>();
  for (const period of periods) {
    const begin = at(period.from);
    const isRepeated = begin.hour === 2 && begin.subtract({ hours: 1 }).hour === 2;
    const index = begin.hour + (begin.hour > 2 || isRepeated ? 1 : 0);
    const cells = days.get(slashed(begin).slice(0, 10)) ?? columns.map(() => '');
    days.set(slashed(begin).slice(0, 10), cells);
    cells[index * parts + begin.minute / (60 / parts)] = String(period.price ?? '');
  }
  return lines([
    `# Hourly prices of the auction - Currency: ${currency}`,
    `Delivery day,${columns.join(',')},Minimum,Maximum,Baseload`,
    ...[...days].reverse().map(([day, cells]) => `${day},${cells.join(',')},0,${otherPrice},1`),
  ]);
}

function lines(all: readonly string[]): string {
  return `${all.join('\r\n')}\r\n`;
}

function at(time: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(time * 1000).toZonedDateTimeISO(ZONE);
}

type Clock = Temporal.ZonedDateTime | Temporal.PlainDateTime;

function dotted({ day, month, year, hour, minute }: Clock): string {
  return `${twoDigits(day)}.${twoDigits(month)}.${year} ${twoDigits(hour)}:${twoDigits(minute)}`;
}

function slashed(clock: Clock): string {
  return dotted(clock).replaceAll('.', '/');
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

function withComma(price: number | undefined): string {
  return String(price ?? '').replace('.', ',');
}

/** As Germans write it, such as `-1.234,50`. */
function withThousands(price: number): string {
  return price.toLocaleString('de-DE', { minimumFractionDigits: 2, useGrouping: 'always' });
}

/** Returns the periods of a length between two times. */
export function periodsBetween(
  from: number,
  to: number,
  length: number,
  priceOf: (index: number) => number | undefined,
): PricePeriod[] {
  return Array.from({ length: (to - from) / length }, (_, index) => ({
    from: from + index * length,
    to: from + (index + 1) * length,
    price: priceOf(index),
  }));
}

/** Returns the first second of a day such as `2026-03-29` in the zone of the files. */
export function startOfDay(date: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime(ZONE).epochMilliseconds / 1000;
}
