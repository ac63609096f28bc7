import { cpuUsage, type Figure, filledCpu, filledPower, hostPower, type Signal } from 'wattline/plugin';

/** A measured signal, what it comes to, and where what is assumed of it goes. */
export interface Quantity {
  readonly signal: Signal;
  /** The value of the label `signal`. */
  readonly label: string;
  readonly measured: Figure;
  readonly filled: Figure;
  readonly filledSignal: Signal;
}

export const power: Quantity = {
  signal: hostPower,
  label: 'power',
  measured: {
    name: 'energy_joules',
    unit: 'J',
    description:
      'Energy that a run used, integrated from its power samples, where they were measured (without the PUE)',
  },
  filled: {
    name: 'energy_filled_joules',
    unit: 'J',
    description: 'Energy assumed for the time of a run in which no power was measured, with the label `fill`',
  },
  filledSignal: filledPower,
};

export const cpu: Quantity = {
  signal: cpuUsage,
  label: 'cpu',
  measured: {
    name: 'cpu_core_seconds',
    unit: '{cpu}.s',
    description: 'CPU time that a run used, integrated from its samples of cores in use',
  },
  filled: {
    name: 'cpu_filled_core_seconds',
    unit: '{cpu}.s',
    description: 'CPU time assumed for the time of a run in which no use of CPU was measured, with the label `fill`',
  },
  filledSignal: filledCpu,
};

export const coverage: Figure = {
  name: 'coverage_ratio',
  unit: '1',
  description: 'The part of a run’s duration that its samples were integrated over, by `signal` (`power` or `cpu`)',
};

export const emitted = Object.fromEntries(
  [power.measured, cpu.measured, coverage, power.filled, cpu.filled, filledPower, filledCpu].map(
    ({ name, unit, description }) => [name, { unit, description }],
  ),
);
