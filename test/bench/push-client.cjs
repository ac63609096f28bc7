/**
 * What pushing to VictoriaMetrics costs at least: one plain script that does the work of Wattline by hand, with nothing
 * imported but Node's own modules. It reads a results file, does the arithmetic and posts the figures as text, and the
 * samples where they are asked for as remote write.
 *
 *   node test/bench/push-client.cjs <results file> <url of the server> [samples]
 */
const { readFileSync } = require('node:fs');
const http = require('node:http');

const USD_PER_KWH = { 'us-east-1': 0.13, 'us-west-2': 0.1, 'eu-west-1': 0.2, 'eu-north-1': 0.08 };
const KG_PER_KWH = { 'us-east-1': 0.45, 'us-west-2': 0.3, 'eu-west-1': 0.28, 'eu-north-1': 0.12 };
const USD_PER_CORE_HOUR = 0.5;

const RUNS_A_REQUEST = 500;
const IN_FLIGHT = 2;
const SAMPLE_BYTES = 18;

module.exports = { readRuns, push };
if (require.main === module) {
  const [, , file, url, samples] = process.argv;
  push(readRuns(file), url, samples === 'samples').catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}

/** The runs of a results file with their figures; the time of their end is in milliseconds. */
function readRuns(file) {
  return JSON.parse(readFileSync(file, 'utf8')).scenarios.map((run) => {
    const kwh = integral(run.power_watts, run.step_seconds) / 3_600_000;
    const coreHours = integral(run.cpu_usage_cores, run.step_seconds) / 3600;
    const costEnergy = kwh * USD_PER_KWH[run.region];
    const costCompute = coreHours * USD_PER_CORE_HOUR;
    const co2 = kwh * KG_PER_KWH[run.region];
    return { run, end: run.end_time * 1000, costEnergy, costCompute, cost: costEnergy + costCompute, co2 };
  });
}

/** Stores the figures of runs, and with `samples` their samples too. Rejects where the server does not take them. */
async function push(runs, url, samples) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  let next = 0;
  const worker = async () => {
    while (next < runs.length) {
      const part = runs.slice(next, next + RUNS_A_REQUEST);
      next += RUNS_A_REQUEST;
      await post(agent, `${url}/api/v1/import/prometheus`, Buffer.from(figuresText(part), 'latin1'));
      if (samples) await post(agent, `${url}/api/v1/write`, remoteWrite(part));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  agent.destroy();
}

function figuresText(runs) {
  let text = '';
  for (const { run, end, cost, costEnergy, costCompute, co2 } of runs) {
    const labels = `{scenario="${run.name}",region="${run.region}",bitrate="${run.bitrate}",encoder="${run.encoder_type}"} `;
    const time = ` ${end}\n`;
    text +=
      `cost_total_load_aware${labels}${cost}${time}cost_energy_load_aware${labels}${costEnergy}${time}` +
      `cost_compute_load_aware${labels}${costCompute}${time}co2_emissions_kg${labels}${co2}${time}`;
  }
  return text;
}

/** Protocol buffers within snappy's framing, all of it literal. */
function remoteWrite(runs) {
  let most = 16;
  for (const { run } of runs) most += 2 * (300 + run.name.length + run.power_watts.length * SAMPLE_BYTES);
  const body = Buffer.allocUnsafe(most);
  let at = 16;
  for (const { run } of runs) {
    at = timeSeries(body, at, 'hw_host_power_watts', run, run.power_watts);
    at = timeSeries(body, at, 'container_cpu_usage', run, run.cpu_usage_cores);
  }
  // Before the message: how long it is, as a varint and as the head of one literal.
  const length = at - 16;
  body[11] = 63 << 2;
  body.writeUInt32LE(length - 1, 12);
  let size = 1;
  while (length >= 2 ** (7 * size)) size++;
  varint(body, 11 - size, length);
  return body.subarray(11 - size, at);
}

function timeSeries(body, at, name, run, values) {
  const labels = [
    ['__name__', name],
    ['scenario', run.name],
    ['region', run.region],
    ['bitrate', run.bitrate],
    ['encoder', run.encoder_type],
  ];
  let length = values.length * SAMPLE_BYTES;
  for (const [label, value] of labels) length += 6 + label.length + value.length;
  body[at++] = 0x0a;
  at = varint(body, at, length);
  for (const [label, value] of labels) {
    body[at++] = 0x0a;
    body[at++] = 4 + label.length + value.length;
    body[at++] = 0x0a;
    body[at++] = label.length;
    at += body.latin1Write(label, at);
    body[at++] = 0x12;
    body[at++] = value.length;
    at += body.latin1Write(value, at);
  }
  const start = run.start_time * 1000;
  for (let i = 0; i < values.length; i++) {
    body[at] = 0x12;
    body[at + 1] = 16;
    body[at + 2] = 0x09;
    body.writeDoubleLE(values[i], at + 3);
    body[at + 11] = 0x10;
    at = varint(body, at + 12, start + i * run.step_seconds * 1000);
  }
  return at;
}

function varint(body, at, number) {
  while (number >= 128) {
    body[at++] = (number % 128) | 128;
    number = Math.floor(number / 128);
  }
  body[at++] = number;
  return at;
}

function post(agent, url, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': body.length };
    const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => (response.statusCode < 300 ? resolve() : reject(new Error(`${response.statusCode}`))));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** By the trapezoidal rule. */
function integral(values, step) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return (sum - (values[0] + values[values.length - 1]) / 2) * step;
}
