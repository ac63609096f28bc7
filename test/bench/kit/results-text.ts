/** Regions that both Wattline's table and the floor know. */
const REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-north-1'] as const;
const BITRATES = ['1000k', '2500k', '5000k'] as const;
const STEP_SECONDS = 5;
/** 2023-11-14, so that 1,000,000 runs end in the past. */
const FIRST_START = 1_700_000_000;
const SECONDS_BETWEEN = 60;
const SECONDS_BETWEEN_EDITIONS = 3600;

/** Numbers as JSON writers print them, by hundredths of a watt and by thousandths of a core. */
const WATTS = Array.from({ length: 22_001 }, (_, hundredths) => String(hundredths / 100));
const CORES = Array.from({ length: 8001 }, (_, thousandths) => String(thousandths / 1000));

export const textHead = '{"test_date":"2026-01-01T00:00:00Z","scenarios":[\n';
export const textTail = '\n]}\n';

/**
 * Run number `index` of the generated results as JSON: always the same text for the same number, about 1.1 kB at 60
 * samples. Power is in hundredths of a watt, CPU use in thousandths of a core; names are unique. Another `edition` of
 * a run is later, and has other samples.
 */
export function runText(index: number, samples: number, edition = 0): string {
  const random = randomFrom((index + 1) * 2_654_435_761 + edition);
  const streams = 1 + (index % 8);
  const start = FIRST_START + index * SECONDS_BETWEEN + edition * SECONDS_BETWEEN_EDITIONS;
  const duration = samples * STEP_SECONDS;
  const power: string[] = [];
  const cpu: string[] = [];
  const watts = 10_000 + 1300 * streams;
  const cores = 500 + 700 * streams;
  for (let i = 0; i < samples; i++) {
    power.push(WATTS[watts + Math.floor(random() * 1500)] as string);
    cpu.push(CORES[cores + Math.floor(random() * 900)] as string);
  }
  const bitrate = BITRATES[index % BITRATES.length];
  return (
    `{"name":"${streams} streams @ ${bitrate} #${index}","bitrate":"${bitrate}","encoder_type":"libx264",` +
    `"region":"${REGIONS[index % REGIONS.length]}","start_time":${start},"end_time":${start + duration},` +
    `"duration":${duration},"step_seconds":${STEP_SECONDS},` +
    `"power_watts":[${power.join()}],"cpu_usage_cores":[${cpu.join()}]}`
  );
}

/** Numbers from 0 to 1 that follow from the seed alone (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
