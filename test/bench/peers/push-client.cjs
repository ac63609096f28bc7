/**
 * A client written by hand: reads a results file, works the figures out and sends them to VictoriaMetrics as text, a few
 * requests at once. Prints how many milliseconds sending took, of which making the text is a part.
 *
 *   node push-client.cjs <results file> <URL of VictoriaMetrics> [runs a request] [requests at once]
 */
const { Agent, request } = require('node:http');
const { labelText, names, readFigures } = require('./figures.cjs');

const [path, url, runsARequest = 500, inFlight = 2] = process.argv.slice(2);
const runs = readFigures(path);
const began = performance.now();
const agent = new Agent({ keepAlive: true });
let next = 0;
Promise.all(Array.from({ length: Number(inFlight) }, sendAll)).then(() => {
  console.log(JSON.stringify({ sendingMs: performance.now() - began }));
  agent.destroy();
});

async function sendAll() {
  while (next < runs.length) {
    const from = next;
    next += Number(runsARequest);
    await send(textOf(runs.slice(from, next)));
  }
}

function textOf(some) {
  let text = '';
  for (const { labels, ended, values } of some) {
    const end = `{${labelText(labels)}} `;
    for (let i = 0; i < names.length; i++) text += `${names[i]}${end}${values[i]} ${ended}\n`;
  }
  return text;
}

function send(text) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(text) };
    const sent = request(`${url}/api/v1/import/prometheus`, { agent, method: 'POST', headers }, (answer) => {
      if (answer.statusCode !== 204) reject(new Error(`HTTP ${answer.statusCode}`));
      answer.resume().once('end', resolve);
    });
    sent.once('error', reject).end(text);
  });
}
