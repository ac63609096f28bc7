/** The units that are reckoned with: joules, watts, seconds, and cores in use. */
export type BaseUnit = 'J' | 'W' | 's' | '{cpu}';

/** How to convert a value to its base unit: `value * times / per`, which is exact where a factor of 0.001 is not. */
export interface Scale {
  readonly times: number;
  readonly per: number;
}

const AS_IT_IS: Scale = { times: 1, per: 1 };
const times = (factor: number): Scale => ({ times: factor, per: 1 });
const per = (factor: number): Scale => ({ times: 1, per: factor });

/** Units as UCUM writes them, which OTLP uses, and the words that Prometheus uses. */
const units: Readonly<Record<BaseUnit, Readonly<Record<string, Scale>>>> = {
  J: {
    J: AS_IT_IS,
    joules: AS_IT_IS,
    'W.s': AS_IT_IS,
    mJ: per(1e3),
    millijoules: per(1e3),
    uJ: per(1e6),
    microjoules: per(1e6),
    nJ: per(1e9),
    nanojoules: per(1e9),
    kJ: times(1e3),
    kilojoules: times(1e3),
    MJ: times(1e6),
    megajoules: times(1e6),
    'mW.h': times(3.6),
    'W.h': times(3600),
    'kW.h': times(3.6e6),
    'MW.h': times(3.6e9),
    mWh: times(3.6),
    Wh: times(3600),
    watthours: times(3600),
    kWh: times(3.6e6),
    kilowatthours: times(3.6e6),
    MWh: times(3.6e9),
  },
  W: {
    W: AS_IT_IS,
    watts: AS_IT_IS,
    'J/s': AS_IT_IS,
    mW: per(1e3),
    milliwatts: per(1e3),
    uW: per(1e6),
    microwatts: per(1e6),
    kW: times(1e3),
    kilowatts: times(1e3),
    MW: times(1e6),
    megawatts: times(1e6),
  },
  s: {
    s: AS_IT_IS,
    seconds: AS_IT_IS,
    ms: per(1e3),
    milliseconds: per(1e3),
    us: per(1e6),
    microseconds: per(1e6),
    ns: per(1e9),
    nanoseconds: per(1e9),
    min: times(60),
    h: times(3600),
  },
  '{cpu}': {
    '{cpu}': AS_IT_IS,
    '{cpus}': AS_IT_IS,
    '{core}': AS_IT_IS,
    '{cores}': AS_IT_IS,
    cores: AS_IT_IS,
    '1': AS_IT_IS,
  },
};

const baseUnits = Object.keys(units) as readonly BaseUnit[];
const scales = new Map(Object.entries(units).map(([unit, all]) => [unit, new Map(Object.entries(all))]));

/**
 * Returns how to convert values that a metric declares in one unit to a base unit; a metric that declares none is taken as
 * it is. Undefined where the declared unit is unknown, or measures something else.
 */
export function scaleTo(unit: string, declared: string): Scale | undefined {
  if (declared === '' || declared === unit) return AS_IT_IS;
  return scales.get(unit)?.get(declared);
}

/** Returns the base unit that a unit is converted to; undefined where it measures something else, such as `VA` or `A`. */
export function baseUnitOf(unit: string): BaseUnit | undefined {
  return baseUnits.find((base) => scales.get(base)?.has(unit));
}

/** Returns the other names of a unit, such as `watts` of `W`. */
export function namesOf(unit: string): string[] {
  const all = scales.get(baseUnitOf(unit) ?? '');
  const own = all?.get(unit);
  return [...(all ?? [])].flatMap(([name, { times, per }]) => (times === own?.times && per === own.per ? [name] : []));
}

/** Converts a value to its base unit. */
export function convert(value: number, scale: Scale): number {
  return (value * scale.times) / scale.per;
}
