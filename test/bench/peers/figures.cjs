/** What peers share: the figures of each run of a results file, and the names that Wattline gives them. */
const { readFileSync } = require('node:fs');

const USD_PER_KWH = { 'us-east-1': 0.13, 'us-west-2': 0.1, 'eu-west-1': 0.2, 'eu-north-1': 0.08 };
const KG_PER_KWH = { 'us-east-1': 0.45, 'us-west-2': 0.3, 'eu-west-1': 0.28, 'eu-north-1': 0.12 };
const USD_PER_CORE_HOUR = 0.5;

/** In the order of the values of a run. */
exports.names = ['cost_total_load_aware', 'cost_energy_load_aware', 'cost_compute_load_aware', 'co2_emissions_kg'];

/** The runs of a results file, each with its labels, its end in milliseconds and its values. */
exports.readFigures = (path) =>
  JSON.parse(readFileSync(path, 'utf8')).scenarios.map((run) => {
    const kwh = integral(run.power_watts, run.step_seconds) / 3_600_000;
    const costEnergy = kwh * USD_PER_KWH[run.region];
    const costCompute = (integral(run.cpu_usage_cores, run.step_seconds) / 3600) * USD_PER_CORE_HOUR;
    return {
      labels: { scenario: run.name, region: run.region, bitrate: run.bitrate, encoder: run.encoder_type },
      ended: run.end_time * 1000,
      values: [costEnergy + costCompute, costEnergy, costCompute, kwh * KG_PER_KWH[run.region]],
    };
  });

/** Labels as the text between braces. */
exports.labelText = (labels) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\\n"]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`))}"`)
    .join();

/** By the trapezoidal rule. */
function integral(values, step) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return (sum - (values[0] + values[values.length - 1]) / 2) * step;
}
