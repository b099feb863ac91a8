package store

import (
	"fmt"

	"github.com/steptrace/steptrace/store/schema"
)

// Script is what Run does to a new store, as statements for clickhouse-client: for those who want to read it, run it
// themselves, or bring a new server into a cluster. Settings that older servers do not know are in it.
func (m Migration) Script() ([]string, error) {
	migrations, err := schema.Migrations()
	if err != nil {
		return nil, err
	}
	tables, err := schema.Tables(migrations)
	if err != nil {
		return nil, err
	}
	script, err := m.schemaScript(migrations, tables)
	if err != nil {
		return nil, err
	}
	retention, err := m.retentionScript(tables)
	if err != nil {
		return nil, err
	}
	script = append(script, retention...)
	if m.Users == nil {
		return script, nil
	}
	if err := m.Users.Validate(); err != nil {
		return nil, err
	}
	return append(script, m.Users.statements(m.database(), m.Cluster)...), nil
}

func (m Migration) schemaScript(migrations []schema.Migration, tables []schema.Table) ([]string, error) {
	database := m.database()
	script := []string{
		createDatabase(database, m.Cluster), "USE " + schema.QuoteName(database), recordTable(m.Cluster),
		recording(schema.Migration{}, m.Cluster),
	}
	for _, migration := range migrations {
		for _, s := range migration.Statements {
			if s.Fills() { // a new store has nothing, and a new server of a cluster is not to do it once more
				continue
			}
			variant, err := variantOf(s, database, m.Cluster, tables)
			if err != nil {
				return nil, fmt.Errorf("migration %s: %w", migration.File, err)
			}
			for _, v := range variant {
				script = append(script, v.SQL)
			}
		}
		script = append(script, recording(migration, m.Cluster))
	}
	return script, nil
}

func (m Migration) retentionScript(tables []schema.Table) ([]string, error) {
	if err := m.Retention.Validate(); err != nil {
		return nil, fmt.Errorf("retention: %w", err)
	}
	var script []string
	for _, t := range tables {
		period, named := m.Retention.of(t)
		if !named {
			continue
		}
		if statement := alterTTL(t, stored(t, m.Cluster), t.TTL, period); statement != "" {
			script = append(script, statement)
		}
	}
	return script, nil
}

// stored names the table that holds the rows, with where to alter it.
func stored(t schema.Table, cluster string) string {
	if cluster == "" {
		return t.Name
	}
	return schema.Local(t.Name) + schema.On(cluster)
}
