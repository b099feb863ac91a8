import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const places = names.flatMap((name) => process.env.PATH.split(delimiter).map((folder) => join(folder, name)));

/** The browser that the tests drive: what CHROMIUM names, or the first that is installed; undefined if there is none. */
export const chromium = process.env.CHROMIUM || places.find((place) => existsSync(place));
