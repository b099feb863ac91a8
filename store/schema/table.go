package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/steptrace/steptrace/store/embedded/sqltext"
)

// Table is what a CREATE TABLE statement says.
type Table struct {
	Name, Comment         string
	Columns               []Column
	Engine, Version       string // the engine's name and its arguments
	Partition, SortKey    string
	TTL                   string
	FedBy                 []Feed
	engine, afterEngine   int // tokens: of the engine's name, behind its arguments
	settings, settingsEnd int // tokens: SETTINGS, and behind its last value; 0 without
}

// Column is a column of a table.
type Column struct{ Name, Type, Materialized, Comment string }

// Feed is a materialized view that writes into a table.
type Feed struct{ View, From string }

// clauses that may follow a table's columns.
var clauses = []string{"ENGINE", "PARTITION", "PRIMARY", "ORDER", "SAMPLE", "TTL", "SETTINGS", "COMMENT"}

// Tables are the tables of all migrations, in their order.
func Tables(migrations []Migration) ([]Table, error) {
	var tables []Table
	for _, m := range migrations {
		for _, s := range m.Statements {
			switch kind, _ := s.creates(); kind {
			case "TABLE":
				t, err := s.table()
				if err != nil {
					return nil, fmt.Errorf("migration %s: %w", m.File, err)
				}
				t.Comment = m.Comment
				tables = append(tables, t)
			case "MATERIALIZED VIEW":
				feed(tables, s)
			}
		}
	}
	return tables, nil
}

// feed notes at its target what a materialized view reads.
func feed(tables []Table, s Statement) {
	_, name := s.creates()
	to, from := s.find(name, "TO"), s.find(name, "FROM")
	if to < 0 || from < 0 {
		return
	}
	i := slices.IndexFunc(tables, func(t Table) bool { return t.Name == s.at(to+1) })
	if i >= 0 {
		tables[i].FedBy = append(tables[i].FedBy, Feed{s.at(name), s.at(from + 1)})
	}
}

// table reads a CREATE TABLE statement.
func (s Statement) table() (Table, error) {
	_, name := s.creates()
	t := Table{Name: s.at(name)}
	body := name + 1
	if s.is(body, "ON") { // ON CLUSTER 'name'
		body += 3
	}
	if s.at(body) != "(" {
		return Table{}, fmt.Errorf("table %s: its name is not followed by its columns", t.Name)
	}
	end := s.closing(body)
	t.Columns = s.columns(body+1, end)
	for i := end + 1; i < len(s.tokens); {
		next := i + 1
		for next < len(s.tokens) && !s.isClause(next) {
			next++
		}
		s.clause(&t, i, next)
		i = next
	}
	if t.Engine == "" {
		return Table{}, fmt.Errorf("table %s: names no engine", t.Name)
	}
	return t, nil
}

func (s Statement) isClause(i int) bool {
	return slices.ContainsFunc(clauses, func(c string) bool { return s.is(i, c) })
}

// clause reads one of the clauses behind the columns, from token i up to end.
func (s Statement) clause(t *Table, i, end int) {
	switch strings.ToUpper(s.at(i)) {
	case "ENGINE": // = NAME or = NAME(…)
		if i+2 < end {
			t.engine, t.afterEngine = i+2, end
			t.Engine, t.Version = s.at(i+2), s.text(i+4, end-1)
		}
	case "PARTITION":
		t.Partition = s.text(i+2, end)
	case "ORDER":
		t.SortKey = s.text(i+2, end)
	case "TTL":
		t.TTL = s.text(i+1, end)
	case "SETTINGS":
		t.settings, t.settingsEnd = i, end
	}
}

// columns reads the entries between a table's brackets, from token i up to end. Indexes and the like are no columns.
func (s Statement) columns(i, end int) []Column {
	var columns []Column
	for i < end {
		next := i
		for next < end && (s.tokens[next].Depth != 1 || s.at(next) != ",") {
			next++
		}
		if first := strings.ToUpper(s.at(i)); first != "INDEX" && first != "PROJECTION" && first != "CONSTRAINT" {
			columns = append(columns, s.column(i, next))
		}
		i = next + 1
	}
	return columns
}

// column reads NAME TYPE [MATERIALIZED …] [COMMENT '…'] [CODEC(…)].
func (s Statement) column(i, end int) Column {
	c := Column{Name: strings.Trim(s.at(i), "`")}
	part := &c.Type
	start := i + 1
	for j := i + 1; j <= end; j++ {
		var next *string
		if j < end {
			if next = c.part(s.tokens[j], s.at(j)); next == nil {
				continue
			}
		}
		*part = s.text(start, j)
		part, start = next, j+1
	}
	c.Comment = strings.ReplaceAll(strings.Trim(c.Comment, "'"), "''", "'")
	return c
}

// part returns where what follows a keyword belongs; nil when the token is none.
func (c *Column) part(t sqltext.Token, word string) *string {
	if t.Kind != sqltext.Word || t.Depth != 1 {
		return nil
	}
	switch strings.ToUpper(word) {
	case "MATERIALIZED":
		return &c.Materialized
	case "COMMENT":
		return &c.Comment
	case "CODEC":
		return new(string)
	}
	return nil
}
