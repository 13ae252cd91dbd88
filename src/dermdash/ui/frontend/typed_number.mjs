// A number typed digit by digit where there is no field to type in: 6 and soon after 3 are 63.
export const SOON_MS = 1200;

export class TypedNumber {
  constructor(highest) {
    this.highest = highest;
    this.clear();
  }

  clear() {
    this.number = null;
    this.since = -Infinity;
  }

  // The number so far; null where the key is no digit. What would be above the highest begins anew.
  add(key, now) {
    if (!/^[0-9]$/.test(key)) return null;
    const digit = Number(key);
    const further = this.number === null || now - this.since > SOON_MS ? digit : this.number * 10 + digit;
    this.number = further > this.highest ? digit : further;
    this.since = now;
    return this.number;
  }
}
