/** `12 ms`, `1.5 s`, `2 m 5 s`, `3 h 4 m`, `2 d 1 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) {
    return `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`;
  }
  if (ms < 60_000) {
    return `${Number((ms / 1000).toFixed(ms < 10_000 ? 2 : 1))} s`;
  }
  const seconds = Math.round(ms / 1000);
  for (const [unit, name, smaller, part] of [
    [86_400, 'd', 3600, 'h'],
    [3600, 'h', 60, 'm'],
    [60, 'm', 1, 's'],
  ] as const) {
    if (seconds >= unit) {
      const rest = Math.floor((seconds % unit) / smaller);
      return `${Math.floor(seconds / unit)} ${name}${rest ? ` ${rest} ${part}` : ''}`;
    }
  }
  return `${seconds} s`;
}

/** A share of 0 to 1. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)}%`;
}

export const counted = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
