/**
 * The floor: one plain script that reads a results file, parses it and does the arithmetic, with nothing imported but
 * the file system. Prints the totals and the milliseconds of its three parts as JSON.
 *
 *   node test/bench/floor.cjs <results file>
 */
const { readFileSync } = require('node:fs');

const USD_PER_KWH = { 'us-east-1': 0.13, 'us-west-2': 0.1, 'eu-west-1': 0.2, 'eu-north-1': 0.08 };
const KG_PER_KWH = { 'us-east-1': 0.45, 'us-west-2': 0.3, 'eu-west-1': 0.28, 'eu-north-1': 0.12 };
const USD_PER_CORE_HOUR = 0.5;

const began = performance.now();
const text = readFileSync(process.argv[2], 'utf8');
const read = performance.now();
const { scenarios } = JSON.parse(text);
const parsed = performance.now();

const totals = { energy: 0, cpu: 0, costEnergy: 0, costCompute: 0, cost: 0, co2: 0 };
for (const run of scenarios) {
  const kwh = integral(run.power_watts, run.step_seconds) / 3_600_000;
  const coreHours = integral(run.cpu_usage_cores, run.step_seconds) / 3600;
  const costEnergy = kwh * USD_PER_KWH[run.region];
  const costCompute = coreHours * USD_PER_CORE_HOUR;
  totals.energy += kwh;
  totals.cpu += coreHours;
  totals.costEnergy += costEnergy;
  totals.costCompute += costCompute;
  totals.cost += costEnergy + costCompute;
  totals.co2 += kwh * KG_PER_KWH[run.region];
}
const milliseconds = { read: read - began, parse: parsed - read, loop: performance.now() - parsed };
console.log(JSON.stringify({ runs: scenarios.length, ...totals, milliseconds }));

/** By the trapezoidal rule. */
function integral(values, step) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return (sum - (values[0] + values[values.length - 1]) / 2) * step;
}
