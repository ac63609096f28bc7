/** A run of a results file. */
export type ResultsRun = Readonly<Record<string, unknown>> & { readonly name: string };

/**
 * Two hand-made runs with round integrals: 2077.5 J and 101.75 core-s, 3855 J and 263.5 core-s. All samples but one
 * are equal, so the trapezoids can be added up by head.
 */
export const twoRuns: { readonly scenarios: readonly [ResultsRun, ResultsRun] } = {
  scenarios: [
    {
      name: '2 streams @ 2500k',
      bitrate: '2500k',
      encoder_type: 'libx264',
      start_time: 1_705_315_800,
      end_time: 1_705_315_920.5,
      duration: 120.5,
      step_seconds: 5,
      power_watts: [46, 46, 46, 47.5, 46, 46, 46, 46, 46, 46],
      cpu_usage_cores: [2.25, 2.25, 2.35, 2.25, 2.25, 2.25, 2.25, 2.25, 2.25, 2.25],
    },
    {
      name: '4 streams @ 5000k',
      bitrate: '5000k',
      encoder_type: 'libx264',
      start_time: 1_705_316_100,
      end_time: 1_705_316_280.3,
      duration: 180.3,
      step_seconds: 5,
      power_watts: [70, 70, 70, 70, 71, 70, 70, 70, 70, 70, 70, 70],
      cpu_usage_cores: [4.8, 4.8, 4.8, 4.8, 4.7, 4.8, 4.8, 4.8, 4.8, 4.8, 4.8, 4.8],
    },
  ],
};

/** What the two runs come to in us-east-1 at 0.50 USD a core-hour, by metric and scenario. */
export const twoRunsFigures: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  cost_total_load_aware: { '2 streams @ 2500k': 0.014206965277777778, '4 streams @ 5000k': 0.03673643055555556 },
  cost_energy_load_aware: { '2 streams @ 2500k': (2077.5 / 3.6e6) * 0.13, '4 streams @ 5000k': (3855 / 3.6e6) * 0.13 },
  cost_compute_load_aware: { '2 streams @ 2500k': (101.75 / 3600) * 0.5, '4 streams @ 5000k': (263.5 / 3600) * 0.5 },
  co2_emissions_kg: { '2 streams @ 2500k': 0.0002596875, '4 streams @ 5000k': 0.000481875 },
};

/** The configuration that leads results files in `results/` to `/metrics` at the given port, at once. */
export const pullConfiguration = (port: number): string => `
receivers:
  file: { include: [./results/test_results_*.json], poll_interval: 50ms }
processors:
  predictor:
  cost: { region: us-east-1, usd_per_core_hour: 0.50 }
  co2: { region: us-east-1 }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
service:
  pipelines:
    metrics: { receivers: [file], processors: [predictor, cost, co2], exporters: [prometheus] }
`;
