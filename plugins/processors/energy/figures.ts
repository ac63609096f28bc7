import { knownFigures } from 'wattline/figures';
import {
  cpuUsage,
  emitsOf,
  type FigureDefinition,
  filledCpu,
  filledPower,
  hostPower,
  type Signal,
} from 'wattline/plugin';

/** A measured signal, what it comes to, and where what is assumed of it goes. */
export interface MeasuredSignal {
  readonly signal: Signal;
  /** The value of the label `signal`. */
  readonly label: string;
  readonly measured: FigureDefinition;
  readonly filled: FigureDefinition;
  readonly filledSignal: Signal;
}

export const power: MeasuredSignal = {
  signal: hostPower,
  label: 'power',
  measured: knownFigures.energy,
  filled: knownFigures.energyFilled,
  filledSignal: filledPower,
};

export const cpu: MeasuredSignal = {
  signal: cpuUsage,
  label: 'cpu',
  measured: knownFigures.cpu,
  filled: knownFigures.cpuFilled,
  filledSignal: filledCpu,
};

export const emitted = emitsOf([
  power.measured,
  cpu.measured,
  knownFigures.coverage,
  power.filled,
  cpu.filled,
  filledPower,
  filledCpu,
]);
