/** Gives elements a size, which jsdom does not: React Flow shows only what is in sight. */
export function giveSize(width: number, height: number) {
  for (const [name, value] of Object.entries({ offsetWidth: width, offsetHeight: height })) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, value });
  }
}
