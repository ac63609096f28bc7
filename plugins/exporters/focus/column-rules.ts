import { powerKinds } from 'wattline/figures';
import { z } from 'wattline/plugin';

/** The version of FOCUS that rows conform to. */
export const FOCUS_VERSION = '1.2';

export type DataType = 'DECIMAL' | 'DATETIME' | 'STRING' | 'JSON';

/** What a column holds, and which values it may have on its own. */
interface Column<S extends z.ZodType = z.ZodType> {
  readonly dataType: DataType;
  readonly schema: S;
}

const column = <S extends z.ZodType>(dataType: DataType, schema: S): Column<S> => ({ dataType, schema });

const anyText = z.string().regex(/\S/, 'expected text that is not empty');
const text = column('STRING', anyText);
const textOrNull = column('STRING', anyText.nullable());
const cost = column('DECIMAL', z.number());
const unitPrice = column('DECIMAL', z.number().min(0).nullable());
const quantity = column('DECIMAL', z.number().positive().nullable());
const amount = column('DECIMAL', z.number().min(0).nullable());
const costOrNull = column('DECIMAL', z.number().nullable());
const anyTime = z.iso.datetime({ precision: 0, error: 'expected a time such as 2025-12-28T18:52:38Z' });
const time = column('DATETIME', anyTime);
const anyUnit = z.string().regex(/^[A-Za-z]+(?:-[A-Za-z]+)?$/, 'expected a unit such as kWh or Core-Hours');
const unit = column('STRING', anyUnit.nullable());
const flatObject = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const allowed = <const V extends readonly string[]>(values: V) => column('STRING', z.enum(values));
const keyValues = column('JSON', z.string().refine(isFlatObject, 'expected a JSON object of plain values').nullable());

/** The values that FOCUS allows as `ServiceCategory`. */
export const serviceCategories = [
  'AI and Machine Learning',
  'Analytics',
  'Business Applications',
  'Compute',
  'Databases',
  'Developer Tools',
  'Multicloud',
  'Identity',
  'Integration',
  'Internet of Things',
  'Management and Governance',
  'Media',
  'Migration',
  'Mobile',
  'Networking',
  'Security',
  'Storage',
  'Web',
  'Other',
] as const;

/** The columns in the order of the files: those of FOCUS by name, then those of Wattline by name. */
export const columns = {
  BilledCost: cost,
  BillingAccountId: text,
  BillingAccountName: textOrNull,
  BillingCurrency: column('STRING', z.string().regex(/^[A-Z]{3}$/, 'expected a currency by ISO 4217 such as USD')),
  BillingPeriodEnd: time,
  BillingPeriodStart: time,
  ChargeCategory: allowed(['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment']),
  ChargeClass: column('STRING', z.literal('Correction').nullable()),
  ChargeDescription: textOrNull,
  ChargeFrequency: allowed(['One-Time', 'Recurring', 'Usage-Based']),
  ChargePeriodEnd: time,
  ChargePeriodStart: time,
  ConsumedQuantity: quantity,
  ConsumedUnit: unit,
  ContractedCost: cost,
  ContractedUnitPrice: unitPrice,
  EffectiveCost: cost,
  HostProviderName: text,
  InvoiceIssuerName: text,
  ListCost: cost,
  ListUnitPrice: unitPrice,
  PricingCategory: column('STRING', z.enum(['Standard', 'Dynamic', 'Committed', 'Other']).nullable()),
  PricingQuantity: amount,
  PricingUnit: unit,
  ProviderName: text,
  PublisherName: text,
  RegionId: textOrNull,
  RegionName: textOrNull,
  ResourceId: textOrNull,
  ResourceName: textOrNull,
  ResourceType: textOrNull,
  ServiceCategory: allowed(serviceCategories),
  ServiceName: text,
  ServiceProviderName: text,
  SkuId: textOrNull,
  SkuPriceId: textOrNull,
  SubAccountId: textOrNull,
  Tags: keyValues,
  x_CarbonFactorId: textOrNull,
  x_CarbonKg: amount,
  x_CarbonKgLower: amount,
  x_CarbonKgUpper: amount,
  x_CpuKind: column('STRING', z.enum(['measured', 'predicted']).nullable()),
  x_EffectiveCostLower: costOrNull,
  x_EffectiveCostUpper: costOrNull,
  x_EnergyKwh: amount,
  x_EnergyKwhLower: amount,
  x_EnergyKwhUpper: amount,
  x_Extrapolated: column('STRING', z.enum(['true', 'false']).nullable()),
  x_IntervalLevel: amount,
  x_PowerKind: column('STRING', z.enum(powerKinds).nullable()),
  x_PriceFactorId: textOrNull,
  x_RunId: column('STRING', z.string().regex(/^[0-9a-f]{32}$/, 'expected 32 hexadecimal digits')),
} as const;

export type ColumnName = keyof typeof columns;
/** One charge. */
export type Row = { readonly [N in ColumnName]: z.output<(typeof columns)[N]['schema']> };

export const columnNames = Object.keys(columns) as ColumnName[];

/** Whether a column may be without a value. */
export function isNullable(name: ColumnName): boolean {
  return columns[name].schema.safeParse(null).success;
}

/** What FOCUS wants of every charge of usage that corrects nothing. */
const ofUsage = [
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedUnitPrice',
  'ListUnitPrice',
  'PricingCategory',
  'PricingQuantity',
  'PricingUnit',
  'SkuId',
  'SkuPriceId',
] as const satisfies readonly ColumnName[];

const rowSchema = z.strictObject(
  Object.fromEntries(Object.entries(columns).map(([name, { schema }]) => [name, schema])),
);

/** Which of the rules for single columns, and then of those between columns, a row breaks; none where it is a row. */
export function problemsOf(row: unknown): string[] {
  const checked = rowSchema.safeParse(row);
  if (!checked.success) return checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  return brokenBetween(checked.data as Row);
}

function brokenBetween(row: Row): string[] {
  const problems: string[] = [];
  const require = (holds: boolean, problem: string) => {
    if (!holds) problems.push(problem);
  };
  if (row.ChargeCategory === 'Usage' && row.ChargeClass === null) {
    for (const name of ofUsage) require(row[name] !== null, `${name}: a charge of usage needs one`);
  }
  require(row.ChargePeriodStart < row.ChargePeriodEnd, 'ChargePeriodEnd: must be after ChargePeriodStart');
  require(isMonth(row.BillingPeriodStart, row.BillingPeriodEnd), 'BillingPeriodEnd: must end a calendar month (UTC)');
  const isBilled = row.BillingPeriodStart <= row.ChargePeriodStart && row.ChargePeriodStart < row.BillingPeriodEnd;
  require(isBilled, 'ChargePeriodStart: must be in the billing period');
  for (const kind of ['List', 'Contracted'] as const) {
    const price = row[`${kind}UnitPrice`];
    const product = price === null || row.PricingQuantity === null ? undefined : price * row.PricingQuantity;
    const isProduct = product === undefined || isSame(product, row[`${kind}Cost`]);
    require(isProduct, `${kind}Cost: must be ${kind}UnitPrice times PricingQuantity`);
  }
  for (const [one, other] of [
    ['ConsumedQuantity', 'ConsumedUnit'],
    ['RegionId', 'RegionName'],
    ['ResourceId', 'ResourceType'],
  ] as const) {
    require((row[one] === null) === (row[other] === null), `${other}: must be there where ${one} is, and only there`);
  }
  return problems;
}

/** Whether two amounts of money are the same but for rounding. */
export function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

function isMonth(start: string, end: string): boolean {
  const date = new Date(start);
  const month = date.toISOString().slice(0, 7);
  date.setUTCMonth(date.getUTCMonth() + 1);
  const next = date.toISOString().slice(0, 7);
  return start === `${month}-01T00:00:00Z` && end === `${next}-01T00:00:00Z`;
}

function isFlatObject(json: string): boolean {
  try {
    return flatObject.safeParse(JSON.parse(json)).success;
  } catch {
    return false;
  }
}
