import { standardEditorsRegistry } from '@grafana/data';

// The editors that panels' options may ask for by name: only that there are some matters here, since a panel's defaults
// come with them.
const ids = ['boolean', 'color', 'field-name', 'multi-select', 'number', 'radio', 'select', 'slider', 'text', 'unit'];

standardEditorsRegistry.setInit(() => ids.map((id) => ({ id, name: id, editor: () => null })));
