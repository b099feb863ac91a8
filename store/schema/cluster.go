package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/steptrace/steptrace/store/embedded/sqltext"
)

// localSuffix ends the name of the table that holds a shard's rows. The table over all shards has the plain name, so
// that those who write and read need not know of the cluster.
const localSuffix = "_local"

// Local is the name of the table that holds a shard's rows.
func Local(table string) string { return table + localSuffix }

// Cluster says where the cluster variant of the migrations is for.
type Cluster struct {
	Name     string // in the servers' remote_servers, or a macro such as {cluster}
	Database string
	Tables   []Table
}

// On is the clause that sends a statement to every server of a cluster; "" without one.
func On(cluster string) string {
	if cluster == "" {
		return ""
	}
	return " ON CLUSTER " + Quote(cluster)
}

// Quote makes a string literal.
func Quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// QuoteName makes a quoted identifier.
func QuoteName(s string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(s) + "`"
}

// Variant turns a statement into those that do the same on the cluster: a table becomes a replicated one of each shard
// and a distributed one over them; a materialized view reads and writes the rows of its shard; any other view, and an
// INSERT, knows the distributed tables.
func (c Cluster) Variant(s Statement) ([]Statement, error) {
	kind, name := s.creates()
	switch kind {
	case "TABLE":
		return c.table(s, name)
	case "MATERIALIZED VIEW":
		return []Statement{newStatement(s.apply(append(c.on(s, name), c.localNames(s, name+1)...)))}, nil
	case "VIEW":
		return []Statement{newStatement(s.apply(c.on(s, name)))}, nil
	}
	if s.Fills() {
		return []Statement{s}, nil
	}
	return nil, fmt.Errorf("the cluster variant knows no statement of this kind: %.60s", s.SQL)
}

// on puts ON CLUSTER behind the name.
func (c Cluster) on(s Statement, name int) []edit {
	end := s.tokens[name].End
	return []edit{{end, end, On(c.Name)}}
}

// localNames gives the tables that are written (TO) or read (FROM, JOIN), from token i on, the names of a shard's.
func (c Cluster) localNames(s Statement, i int) []edit {
	var edits []edit
	for ; i+1 < len(s.tokens); i++ {
		before, t := strings.ToUpper(s.at(i)), s.tokens[i+1]
		if s.tokens[i].Kind != sqltext.Word || before != "TO" && before != "FROM" && before != "JOIN" {
			continue
		}
		if slices.ContainsFunc(c.Tables, func(known Table) bool { return known.Name == s.word(t) }) {
			edits = append(edits, edit{t.End, t.End, localSuffix})
		}
	}
	return edits
}

func (c Cluster) table(s Statement, name int) ([]Statement, error) {
	t, err := s.table()
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(t.Engine, "MergeTree") {
		return nil, fmt.Errorf("table %s: the cluster variant does not know the engine %s", t.Name, t.Engine)
	}
	key, err := t.shardingKey()
	if err != nil {
		return nil, err
	}
	named := s.tokens[name]
	edits := []edit{
		{named.End, named.End, localSuffix + On(c.Name)},
		{s.tokens[t.engine].Start, s.tokens[t.afterEngine-1].End, t.replicatedEngine()},
	}
	local := newStatement(newStatement(s.apply(edits)).replaceSetting("non_replicated_deduplication_window",
		"replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800"))
	distributed := newStatement(fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s%s AS %s\nENGINE = Distributed(%s, %s, %s, %s)",
		t.Name, On(c.Name), Local(t.Name), Quote(c.Name), Quote(c.Database), Quote(Local(t.Name)), key))
	return []Statement{local, distributed}, nil
}

// replicatedEngine keeps the arguments behind those that replication takes.
func (t Table) replicatedEngine() string {
	args := []string{"'/clickhouse/tables/{shard}/{database}/{table}'", "'{replica}'"}
	if t.Version != "" {
		args = append(args, t.Version)
	}
	return "Replicated" + t.Engine + "(" + strings.Join(args, ", ") + ")"
}

// shardingKeys of the tables that have no TraceId. Copies of a row must meet on one shard, or they would never replace
// each other; so the key is made of columns that the sort key begins with.
var shardingKeys = map[string]string{
	// All revisions of a state machine lie together.
	"sfn_state_machines": "cityHash64(StateMachineArn)",
	// Its view writes on the shard of the visits' trace; states of one key from several shards are merged when read.
	"sfn_state_minutes": "cityHash64(StateMachineArn, StateName, Minute)",
	// Its view writes on the shard of the trace; what the same trace has on several is the same.
	"trace_times": "cityHash64(TraceHash)",
	// A metric's series lie together.
	"otel_metrics_gauge":     "cityHash64(ServiceName, MetricName)",
	"otel_metrics_sum":       "cityHash64(ServiceName, MetricName)",
	"otel_metrics_histogram": "cityHash64(ServiceName, MetricName)",
}

// shardingKey keeps a trace on one shard: what is told of it replaces and joins there.
func (t Table) shardingKey() (string, error) {
	if slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == "TraceId" }) {
		return "cityHash64(TraceId)", nil
	}
	if key, ok := shardingKeys[t.Name]; ok {
		return key, nil
	}
	return "", fmt.Errorf("table %s has no TraceId and no sharding key: add one to shardingKeys", t.Name)
}
