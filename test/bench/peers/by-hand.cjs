/**
 * A server of /metrics written by hand with nothing but Node. It renders `all` anew for each scrape, or keeps the text
 * of `labels` and renders numbers, which change with each scrape, or has a `text` that is ready to be sent.
 *
 *   node by-hand.cjs <results file> <port> all|labels|text
 */
const { createServer } = require('node:http');
const { labelText, names, readFigures } = require('./figures.cjs');

const [path, port, kept] = process.argv.slice(2);
const runs = readFigures(path);
const values = Float64Array.from(names.flatMap((_, place) => runs.map((run) => run.values[place])));
const heads = kept === 'all' ? undefined : names.flatMap((name) => runs.map((run) => headOf(name, run)));
const ready = kept === 'text' ? Buffer.from(render()) : undefined;

createServer((_, response) => {
  response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
  response.end(ready ?? render());
  if (!ready) for (let i = 0; i < values.length; i++) values[i] *= 1 + 1e-9;
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));

function headOf(name, { labels }) {
  return `${name}{${labelText(labels)}} `;
}

function render() {
  let text = '';
  let next = 0;
  for (const name of names) {
    text += `# HELP ${name} A figure of a run\n# TYPE ${name} gauge\n`;
    for (const run of runs) {
      text += `${heads ? heads[next] : headOf(name, run)}${values[next]}\n`;
      next++;
    }
  }
  return text;
}
