import { onTestFinished } from 'vitest';
import { startProcess } from '../kit/child-process.ts';
import { freePort } from '../kit/free-port.ts';
import { programOf } from './cache.ts';
import type { Machine } from './machine.ts';
import { peers } from './peers.ts';

/** Starts node_exporter until the end of the test, on this machine or on one of files; returns its `host:port`. */
export async function startNodeExporter(machine?: Machine): Promise<string> {
  const address = `127.0.0.1:${await freePort()}`;
  const collectors = ['--collector.disable-defaults', '--collector.cpu', ...(machine ? ['--collector.rapl'] : [])];
  // Relative, since it shows them: the files of each host have the same paths.
  const paths = machine ? ['--path.procfs=proc', '--path.sysfs=sys'] : [];
  const flags = [`--web.listen-address=${address}`, ...collectors, ...paths];
  const exporter = startProcess(programOf(peers.nodeExporter), flags, { cwd: machine?.root });
  onTestFinished(async () => void (await exporter.stop('SIGTERM')));
  await exporter.waitFor(`http://${address}/metrics`);
  return address;
}
