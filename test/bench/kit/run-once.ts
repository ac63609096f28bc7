import { temporaryFolder } from '../../kit/temporary-folder.ts';
import { type TimedProcess, timeNode } from './timed-process.ts';

/** An exporter as it stands in a configuration. */
export type ExporterYaml = `${string}: { ${string} }`;

/** Totals on standard output. */
export const summary: ExporterYaml = 'debug: { summary: true }';

/** Runs `run --once` from a results file through predictor, cost and co2 to an exporter, as a whole process. */
export async function timeOnce(
  wattline: readonly string[],
  path: string,
  exporter: ExporterYaml = summary,
): Promise<TimedProcess> {
  const type = exporter.split(':')[0];
  const folder = await temporaryFolder({
    'wattline.yaml': `
receivers: { file: { include: ["${path}"] } }
processors: { predictor: , cost: { region: us-east-1 }, co2: { region: us-east-1 } }
exporters: { ${exporter} }
service: { pipelines: { metrics: { receivers: [file], processors: [predictor, cost, co2], exporters: [${type}] } } }
`,
  });
  try {
    return await timeNode([...wattline, 'run', '--once', '--config', `${folder.path}/wattline.yaml`]);
  } finally {
    await folder.remove();
  }
}
