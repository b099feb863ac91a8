package schema

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheReferenceIsOfTheseFiles(t *testing.T) {
	migrations, err := Migrations()
	require.NoError(t, err)
	want, err := Reference(migrations)
	require.NoError(t, err)
	got, err := os.ReadFile("../../docs/schema.md")
	require.NoError(t, err)
	require.Equal(t, want, string(got), "docs/schema.md is stale: run `go generate ./store/schema`")
}

func TestReferenceOfATable(t *testing.T) {
	m, err := parseMigration("00001_orders.sql", "-- Orders, of which\n-- each is one.\n"+orders+`;
CREATE MATERIALIZED VIEW orders_mv TO orders AS SELECT 1 FROM things;`)
	require.NoError(t, err)
	v, err := parseMigration("00002_v.sql", "-- What is | was.\nCREATE VIEW v AS SELECT 1;")
	require.NoError(t, err)
	got, err := Reference([]Migration{m, v})
	require.NoError(t, err)
	require.Equal(t, referenceHead+`
## orders

Orders, of which each is one.

| [00001_orders.sql](../store/schema/00001_orders.sql) | |
|---|---|
| fed by | `+"`orders_mv`"+`, which reads [things](#things) |
| engine | `+"`ReplacingMergeTree(Size)`"+` |
| sort key | `+"`(At, TraceId)`"+` |
| partition | `+"`toDate(At)`"+` |
| rows are kept | 90 days from `+"`toDateTime(At)`"+` on, unless [set otherwise](store.md#retention) |

| column | type | |
|---|---|---|
| `+"`TraceId` | `String`"+` |  |
| `+"`Outcome` | `Enum8('A, b' = 1, 'C' = 2)`"+` | What became of it: it's told |
| `+"`Items` | `Nested (Name String)`"+` |  |
| `+"`Size` | `UInt64` | Bytes. Computed, not in `SELECT *`"+` |

## v

What is | was.

A view: [00002_v.sql](../store/schema/00002_v.sql)
`, got)
}
