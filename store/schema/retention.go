package schema

import (
	"fmt"
	"regexp"
)

// age matches the end of a TTL: how old rows become.
var age = regexp.MustCompile(`^(.+) \+ toInterval(Day|Hour)\((\d+)\)$`)

// Expires is the moment from which on a row's age counts, as an expression; "" when the table keeps its rows for ever.
func (t Table) Expires() string {
	if m := age.FindStringSubmatch(t.TTL); m != nil {
		return m[1]
	}
	return ""
}

// KeepHours is the table's TTL that drops rows after so many hours.
func (t Table) KeepHours(hours int64) string {
	if hours%24 == 0 {
		return fmt.Sprintf("%s + toIntervalDay(%d)", t.Expires(), hours/24)
	}
	return fmt.Sprintf("%s + toIntervalHour(%d)", t.Expires(), hours)
}

// IsAge reports whether a TTL drops the table's rows by their age and does nothing else, as the table's own does.
func (t Table) IsAge(ttl string) bool {
	m := age.FindStringSubmatch(ttl)
	return m != nil && m[1] == t.Expires()
}

// TTLOf finds the TTL in the clauses that ClickHouse tells of a table in system.tables.engine_full; "" without one.
func TTLOf(engineFull string) string {
	s := newStatement(engineFull)
	i := s.find(0, "TTL")
	if i < 0 {
		return ""
	}
	end := i + 1
	for end < len(s.tokens) && !s.isClause(end) {
		end++
	}
	return s.text(i+1, end)
}
