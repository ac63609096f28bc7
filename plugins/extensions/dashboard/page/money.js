/** The one currency of the page; the API says which. */
export const money = { currency: 'USD', suffix: 'usd' };

/** Sets the currency, such as `EUR`. */
export function setCurrency(currency) {
  money.currency = currency;
  money.suffix = currency.toLowerCase();
}

/** Returns an amount by the name that it has without the currency: `cost_total` is `cost_total_eur`. */
export function amountIn(row, name) {
  return row[nameInMoney(name)];
}

/** Returns the name of an amount in the API, such as `cost_total_eur`. */
export function nameInMoney(name) {
  return `${name}_${money.suffix}`;
}

/** Returns the name of a figure as it is in USD: `cost_total_load_aware_eur` is `cost_total_load_aware`. */
export function withoutMoney(name) {
  return money.currency === 'USD' ? name : name.replace(new RegExp(`_${money.suffix}(?= \\(|$)`), '');
}

/** Whether a unit such as `{USD}/{pixel}` is in another currency than the page, where that is not USD. */
export function isInOtherMoney(unit) {
  const [, currency = money.currency] = /^\{([A-Z]{3})\}/.exec(unit) ?? [];
  return money.currency !== 'USD' && currency !== money.currency;
}
