import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buildPeers } from './build.ts';

/** The option that includes the peers that take long to build, and their suites; vitest gets all other arguments. */
const ALL = '--all';
const longSuites = '**/*.long.peer.ts';

const args = process.argv.slice(2);
const all = args.includes(ALL);
const forVitest = [...args.filter((arg) => arg !== ALL), ...(all ? [] : ['--exclude', longSuites])];

await buildPeers(all);
const vitest = spawn('vitest', ['run', '--config', 'test/peers/vitest.config.ts', ...forVitest], { stdio: 'inherit' });
const [code] = await once(vitest, 'exit');
process.exitCode = code ?? 1;
