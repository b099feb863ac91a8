// The browser that the tests drive.
export const chromium = process.env.CHROMIUM || '/usr/bin/chromium';
