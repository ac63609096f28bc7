import { currencySetting } from 'wattline/figures';
import { pushSettings, z } from 'wattline/plugin';
import { serviceCategories } from './column-rules.ts';

const name = () => z.string().regex(/\S/, 'expected text that is not empty');

export const configSchema = z.strictObject({
  directory: name().describe(
    'Where the files are written, one a day; relative to the configuration; it is made where it does not exist',
  ),
  format: z.enum(['csv', 'parquet']).default('csv').describe('The format of the files: `csv` or `parquet`'),
  defuse_formulas: z
    .boolean()
    .default(true)
    .describe(
      'Whether texts in CSV that a spreadsheet would carry out as a formula, such as a scenario `=1+1`, have an apostrophe before them; `false` for files that only programs read',
    ),
  currency: currencySetting()
    .default('USD')
    .describe(
      '`BillingCurrency`, which all costs and unit prices are in. Another than USD needs the processor `currency`; runs without its figures have no rows',
    ),
  billing_account_id: name().default('wattline').describe('`BillingAccountId`: whom the costs are put down to'),
  billing_account_name: name().optional().describe('`BillingAccountName`'),
  provider_name: name()
    .default('Wattline')
    .describe('`ProviderName`, `PublisherName` and `ServiceProviderName`: who provides the workload'),
  invoice_issuer_name: name().optional().describe('`InvoiceIssuerName`; `provider_name` where left out'),
  host_provider_name: name()
    .optional()
    .describe(
      '`HostProviderName` of runs without `cloud.provider`; where left out the cloud of their region, else `provider_name`',
    ),
  service_name: name().default('Measured workload').describe('`ServiceName`'),
  service_category: z.enum(serviceCategories).default('Compute').describe('`ServiceCategory`'),
  invoiced: z
    .boolean()
    .default(false)
    .describe('Whether the costs are really invoiced: only then `BilledCost` is other than 0'),
  tags: z
    .array(name())
    .default(['scenario', 'bitrate', 'encoder'])
    .describe('Attributes of the run that become `Tags`, such as `run.resolution`'),
  extra_tags: z
    .record(name(), z.string())
    .default({})
    .describe("Tags of every row; a run's own tag of the same name wins"),
  retry_on_failure: pushSettings.retry_on_failure.describe(
    'How rows that could not be written, as when the disk is full, are tried again; there is no `storage` here',
  ),
});

export type Config = z.output<typeof configSchema>;
