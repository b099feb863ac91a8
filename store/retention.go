package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/steptrace/steptrace/store/schema"
)

// codeAccessDenied is ClickHouse's for what the user lacks the rights to.
const codeAccessDenied = 497

// Period is how long rows are kept; 0 is for ever.
type Period time.Duration

const day = 24 * time.Hour

// UnmarshalText reads days (30d), hours (720h) or 0.
func (p *Period) UnmarshalText(text []byte) error {
	s := string(text)
	var d time.Duration
	var err error
	if days, is := strings.CutSuffix(s, "d"); is {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(n) * day
		if n > int(longest/day) {
			return fmt.Errorf("%q is too long: at most %dd, or 0 for ever", s, longest/day)
		}
	} else {
		d, err = time.ParseDuration(s)
	}
	if err != nil {
		return fmt.Errorf("%q is not a time such as 30d or 720h, or 0 for ever", s)
	}
	*p = Period(d)
	return p.Validate()
}

// MarshalText writes what UnmarshalText reads.
func (p Period) MarshalText() ([]byte, error) {
	switch d := time.Duration(p); {
	case d == 0:
		return []byte("0"), nil
	case d%day == 0:
		return fmt.Appendf(nil, "%dd", d/day), nil
	default:
		return fmt.Appendf(nil, "%dh", d/time.Hour), nil
	}
}

// longest is as far as ClickHouse's times reach, from 1970 on.
const longest = 36500 * day

// Validate reports a period that a table's TTL cannot have.
func (p Period) Validate() error {
	if d := time.Duration(p); d < 0 || d > longest || d%time.Hour != 0 {
		return fmt.Errorf("%s is not a number of whole hours up to %dd, nor 0 for ever", d, longest/day)
	}
	return nil
}

// Retention is how long tables keep their rows, by table.
type Retention map[string]Period

// Validate reports tables that keep no rows for a time.
func (r Retention) Validate() error {
	tables, err := expiring()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(r)) {
		if err := r[name].Validate(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if leader, ok := leaders[name]; ok {
			return fmt.Errorf("%s: its rows are kept as long as those of %s: name that", name, leader)
		}
		if _, ok := tables[name]; !ok {
			return fmt.Errorf("%s: is no table whose rows expire: those are %s", name,
				strings.Join(slices.Sorted(maps.Keys(tables)), ", "))
		}
	}
	return nil
}

// leaders are the tables that others tell where to find rows in, which are kept as long.
var leaders = map[string]string{"trace_times": "otel_traces"}

// of is how long a table keeps its rows, if that is said.
func (r Retention) of(table schema.Table) (p Period, named bool) {
	name := table.Name
	if leader, ok := leaders[name]; ok {
		name = leader
	}
	p, named = r[name]
	return p, named
}

// expiring are the tables that have a TTL of their own.
func expiring() (map[string]schema.Table, error) {
	migrations, err := schema.Migrations()
	if err != nil {
		return nil, err
	}
	all, err := schema.Tables(migrations)
	if err != nil {
		return nil, err
	}
	tables := map[string]schema.Table{}
	for _, t := range all {
		if _, follows := leaders[t.Name]; t.Expires() != "" && !follows {
			tables[t.Name] = t
		}
	}
	return tables, nil
}

// retain sets the TTL of the tables that have another one.
func (t *target) retain(ctx context.Context, r Retention) error {
	if err := r.Validate(); err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	for _, table := range t.tables {
		period, named := r.of(table)
		if !named {
			continue
		}
		if err := t.retainTable(ctx, table, period); err != nil {
			return fmt.Errorf("retention of %s: %w", table.Name, err)
		}
	}
	return nil
}

// Several processes may set a table's retention at once, as the exporters of a Collector do when it starts. ClickHouse
// refuses all but one, and replicas learn of it a moment later.
const (
	retainTries = 5
	retainPause = time.Second
)

func (t *target) retainTable(ctx context.Context, table schema.Table, period Period) error {
	for try := 1; ; try++ {
		statement, err := t.retention(ctx, table, period)
		if err != nil || statement == "" {
			return err
		}
		err = execute(ctx, t.conn, statement)
		if err == nil {
			t.logger.Info("changed the retention", "table", table.Name, "retention", time.Duration(period))
			return nil
		}
		if refused := new(clickhouse.Exception); try == retainTries || !errors.As(err, &refused) ||
			refused.Code == codeAccessDenied {
			return err
		}
		select {
		case <-time.After(retainPause):
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
}

// retention is the statement that gives a table its TTL; "" when it has it.
func (t *target) retention(ctx context.Context, table schema.Table, period Period) (string, error) {
	name := table.Name
	if t.cluster != "" {
		name = schema.Local(name)
	}
	var engine string
	if err := queryRow(ctx, t.conn, &engine, "SELECT engine_full FROM system.tables "+
		"WHERE database = {database:String} AND name = {table:String}",
		clickhouse.Named("database", t.database), clickhouse.Named("table", name)); err != nil {
		return "", err
	}
	current := schema.TTLOf(engine)
	if current != "" && !table.IsAge(current) {
		return "", fmt.Errorf("its TTL (%s) does more than drop old rows: change it with ALTER TABLE", current)
	}
	return alterTTL(table, stored(table, t.cluster), current, period), nil
}

func alterTTL(table schema.Table, name, current string, period Period) string {
	want := ""
	if period > 0 {
		want = table.KeepHours(int64(time.Duration(period) / time.Hour))
	}
	switch want {
	case current:
		return ""
	case "":
		return "ALTER TABLE " + name + " REMOVE TTL"
	}
	return "ALTER TABLE " + name + " MODIFY TTL " + want
}
