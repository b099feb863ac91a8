import module from 'amd-module';
import { publicPathOf } from './publicPathOf';

// Where this plugin's chunks come from. webpack.config.js has it run before each module: Grafana may serve plugins under
// another path, or from another host, than the one of the build.
declare let __webpack_public_path__: string;

// eslint-disable-next-line @typescript-eslint/no-unused-vars -- webpack reads it
__webpack_public_path__ = publicPathOf(module?.uri) ?? __webpack_public_path__;
