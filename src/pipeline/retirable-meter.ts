import type { Meter, Observable } from '@opentelemetry/api';

const OBSERVABLES = ['createObservableGauge', 'createObservableCounter', 'createObservableUpDownCounter'] as const;

/**
 * Returns the same meter, which adds to the list how to remove each callback that is added through it. A removed callback is
 * not observed any more; counts stay.
 */
export function retirableMeter(meter: Meter, removals: (() => void)[]): Meter {
  const tracked = <T extends Observable>(instrument: T): T => {
    const add = instrument.addCallback.bind(instrument);
    instrument.addCallback = (callback) => {
      add(callback);
      removals.push(() => instrument.removeCallback(callback));
    };
    return instrument;
  };
  const retirable: Meter = Object.create(meter);
  for (const create of OBSERVABLES) retirable[create] = (name, options) => tracked(meter[create](name, options));
  retirable.addBatchObservableCallback = (callback, observables) => {
    meter.addBatchObservableCallback(callback, observables);
    removals.push(() => meter.removeBatchObservableCallback(callback, observables));
  };
  return retirable;
}
