import { runText } from './results-text.ts';

interface GeneratedRun {
  readonly name: string;
  readonly start_time: number;
  readonly step_seconds: number;
  readonly power_watts: readonly number[];
  readonly cpu_usage_cores: readonly number[];
}

const PLUGINS = {
  joules: multiply('power', 'duration', 'joules'),
  'core-seconds': multiply('cores', 'duration', 'core-seconds'),
  'cost-energy': coefficient('joules', 0.13 / 3_600_000, 'cost-energy'),
  'cost-compute': coefficient('core-seconds', 0.5 / 3600, 'cost-compute'),
  cost: {
    ...{ method: 'Sum', path: 'builtin' },
    config: { 'input-parameters': ['cost-energy', 'cost-compute'], 'output-parameter': 'cost' },
  },
  carbon: coefficient('joules', 0.45 / 3_600_000, 'carbon'),
};

/** The generated runs as a manifest of Impact Framework: the same arithmetic for each sample, one component a run. */
export function impactManifest(runs: number, samples: number): string {
  const children = Array.from({ length: runs }, (_, index) => {
    const run = JSON.parse(runText(index, samples)) as GeneratedRun;
    const inputs = run.power_watts.map((power, sample) => ({
      timestamp: new Date((run.start_time + sample * run.step_seconds) * 1000).toISOString(),
      duration: run.step_seconds,
      power,
      cores: run.cpu_usage_cores[sample],
    }));
    return [run.name, { pipeline: { compute: Object.keys(PLUGINS) }, inputs }] as const;
  });
  // JSON is YAML, too.
  return JSON.stringify({
    name: 'bench',
    initialize: { plugins: PLUGINS },
    tree: { children: Object.fromEntries(children) },
  });
}

function multiply(first: string, second: string, output: string): object {
  return {
    ...{ method: 'Multiply', path: 'builtin' },
    config: { 'input-parameters': [first, second], 'output-parameter': output },
  };
}

function coefficient(input: string, factor: number, output: string): object {
  return {
    ...{ method: 'Coefficient', path: 'builtin' },
    config: { 'input-parameter': input, coefficient: factor, 'output-parameter': output },
  };
}
