import { after, before } from 'node:test';
import { start, stop } from './rig.mjs';
import './bundle.mjs';
import './panel.mjs';
import './pages.mjs';
import './forms.mjs';
import './react19.mjs';
import './accessibility.mjs';
import './pictures.mjs';

before(start, { timeout: 240_000 });
after(stop);
