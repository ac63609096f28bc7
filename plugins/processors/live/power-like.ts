import { baseUnitOf, isCpu } from 'wattline/figures';

/** The words at the end of a name that are a unit of power or energy, and how the configuration writes it. */
const ends: ReadonlyMap<string, string> = new Map(
  Object.entries({
    W: 'w watt watts',
    uW: 'microwatts',
    mW: 'mw milliwatts',
    kW: 'kw kilowatts',
    MW: 'megawatts',
    J: 'joule joules',
    uJ: 'microjoules',
    mJ: 'millijoules',
    kJ: 'kilojoules',
    Wh: 'wh watthour watthours',
    kWh: 'kwh kilowatthours',
    MWh: 'mwh',
  }).flatMap(([unit, words]) => words.split(' ').map((word) => [word, unit] as const)),
);
/** What Kepler and Scaphandre share out of what is read, and parts of what is read. */
const ofShares =
  /^(kepler_(process|container|pod|vm)_|kepler_node_(cpu|gpu)_(active|idle)_|kepler_node_other_|scaph_(process|self)_|scaph_host_rapl_|idrac_power_supply_output|redfish_chassis_power_powersupply_)/;
/** Batteries, and what this program makes itself. */
const ofOthers = /^(node_power_supply_|wattline_|otelcol_|cost_|co2_|energy_(filled_)?joules)/;
/** Words of what is no measurement of what is used, such as a limit, or of something else, such as light. */
const noMeasure = setOf(
  'limit limits cap caps max maximum min minimum peak highest lowest capacity rated rating nominal threshold critical',
  'warning alarm fault default requested enforced management reserve budget target on off cycle cycles saving factor',
  'ratio percent percentage efficiency accuracy count number errors violation seconds hours minutes days interval',
  'timestamp time volts voltage amperes amps hertz celsius va vah var varh apparent reactive returned exported produced',
  'brake slowdown throttle throttled throttling reason reasons residency smoothing failure failures event events loss',
  'production solar battery charge charging discharging daily today yesterday monthly weekly',
  'dbm db dbmw rx tx noise signal optical laser rssi tension cost price usd co2',
);
/** Words at the end of what says how something is. */
const noMeasureAtEnd = setOf('state status info health healthy enabled mode policy profile online present available');

/**
 * Returns the unit of a metric that looks like a measurement of power or energy, by the unit that it declares or by its
 * name; undefined where it does not, or is known to be a share of what is read.
 */
export function powerUnitOf(name: string, declared: string): string | undefined {
  const words = wordsOf(name);
  const plain = words.join('_');
  if (ofShares.test(plain) || ofOthers.test(plain) || isNoMeasure(words)) return undefined;
  const base = baseUnitOf(declared);
  if (base !== undefined && !isCpu({ unit: base })) return declared;
  const last = words.at(-1) ?? '';
  const named = words.find((word) => word.endsWith('power') || word === 'energy');
  // A letter alone says little.
  const unit = named !== undefined || last.length > 2 ? ends.get(last) : undefined;
  if (unit !== undefined || named === undefined || declared !== '') return unit;
  return named === 'energy' ? 'J' : 'W';
}

/** Returns whether a metric, or a form of several, is known to be of shares or parts of what others measure. */
export function isOfShares(name: string): boolean {
  return ofShares.test(name);
}

function isNoMeasure(words: readonly string[]): boolean {
  return words.some((word) => noMeasure.has(word)) || noMeasureAtEnd.has(words.at(-1) ?? '');
}

function setOf(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}

/** The words of a name, in lower case and without `total`: `st4OutletActivePower` has four. */
function wordsOf(name: string): string[] {
  const parted = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/([A-Z])([A-Z][a-z])/g, '$1_$2');
  return parted
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && word !== 'total');
}
