import { FakeService, type ServiceAnswer, type ServiceRequest } from './fake-service.ts';

const HALF_HOUR = 1_800_000;

/** Starts a service that answers as the Carbon Intensity API of Great Britain does: every half-hour emits as much. */
export function startGridService(kgPerKwh: number): Promise<FakeService> {
  return new FakeService((asked) => halfHours(asked, kgPerKwh * 1000)).start();
}

/** Every half-hour that was asked for, as `/intensity/{from}/{to}`, with its forecast in g/kWh. */
function halfHours({ path }: ServiceRequest, forecast: number): ServiceAnswer {
  const [from = 0, to = 0] = path
    .split('/')
    .slice(-2)
    .map((time) => Date.parse(time));
  const data = [];
  for (let begin = from; begin < to; begin += HALF_HOUR) {
    const times = { from: new Date(begin).toISOString(), to: new Date(begin + HALF_HOUR).toISOString() };
    data.push({ ...times, intensity: { forecast, actual: null } });
  }
  return { json: { data } };
}
