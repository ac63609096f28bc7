import { areaColumns } from './area-columns.ts';
import { SEPARATOR, type Shape } from './shape.ts';

/**
 * What SMARD, the site of the German Bundesnetzagentur, exports in German (`Gro_handelspreise_….csv`): columns such as
 * `Deutschland/Luxemburg [€/MWh] Originalauflösungen`, and nothing that says whose clocks the times are.
 * Known from public programs that read exports of 2022 to 2025.
 */
export const smardDownload: Shape = areaColumns(
  new RegExp(`^"?Datum von${SEPARATOR}Datum bis${SEPARATOR}`),
  /^(?<area>.+?) \[(?<currency>€|[A-Z]{3})\/MWh\]/,
);
