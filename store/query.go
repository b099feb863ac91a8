package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ErrArgument is returned for an argument that no query can be made of: one that is too long, or no such status.
var ErrArgument = errors.New("not a usable argument")

// Limits of arguments, which travel in a URL.
const (
	maxText  = 4096 // bytes of one text
	maxTexts = 200  // of a list
)

// query collects the conditions of one question and their parameters. Conditions are constant text; values are
// parameters only.
type query struct {
	conditions []string
	params     []any
	err        error
}

func (q *query) where(condition string) { q.conditions = append(q.conditions, condition) }

func (q *query) param(name string, value any) {
	q.params = append(q.params, clickhouse.Named(name, value))
}

// text adds the condition and its parameter unless the text is empty.
func (q *query) text(condition, name, value string) {
	if value == "" {
		return
	}
	q.check(name, value)
	q.where(condition)
	q.param(name, value)
}

// texts adds a condition on one of several texts. They travel as one JSON text, for in arrays ClickHouse reads escapes
// twice; {texts} in the condition stands for the list.
func (q *query) texts(condition, name string, values []string) {
	if len(values) == 0 {
		return
	}
	if len(values) > maxTexts {
		q.fail(name, fmt.Sprintf("%d are too many: at most %d", len(values), maxTexts))
	}
	q.check(name, values...)
	list, err := json.Marshal(values)
	q.err = errors.Join(q.err, err)
	q.where(strings.ReplaceAll(condition, "{texts}",
		"(SELECT arrayJoin(JSONExtract({"+name+":String}, 'Array(String)')))"))
	q.param(name, string(list))
}

func (q *query) check(name string, values ...string) {
	for _, v := range values {
		if len(v) > maxText {
			q.fail(name, fmt.Sprintf("%d bytes are too long: at most %d", len(v), maxText))
		}
	}
}

func (q *query) fail(name, why string) {
	q.err = errors.Join(q.err, fmt.Errorf("%s: %w: %s", name, ErrArgument, why))
}

// statuses adds a condition on an enumerated column. Only the known values pass, so that an array can hold them, which
// the column's index needs.
func (q *query) statuses(column string, values, known []string) {
	for _, v := range values {
		if !slices.Contains(known, v) {
			q.fail(column, fmt.Sprintf("%.100q is not one of %s", v, strings.Join(known, ", ")))
		}
	}
	if len(values) > 0 {
		q.where(column + " IN {statuses:Array(String)}")
		q.param("statuses", values)
	}
}

// between adds the time range on a column with so many decimals: 3 or 9. A zero time is no bound. The parameters are
// since and until, in nanoseconds since_ns and until_ns.
func (q *query) between(column string, decimals int, since, until time.Time) {
	unit, suffix, of := "Milli", "", milliseconds
	if decimals == 9 {
		unit, suffix, of = "Nano", "_ns", nanoseconds
	}
	if !since.IsZero() {
		q.where(column + " >= fromUnixTimestamp64" + unit + "({since" + suffix + ":Int64})")
		q.param("since"+suffix, of(since))
	}
	if !until.IsZero() {
		q.where(column + " < fromUnixTimestamp64" + unit + "({until" + suffix + ":Int64})")
		q.param("until"+suffix, of(until))
	}
}

func milliseconds(t time.Time) int64 { return nanoseconds(t) / int64(time.Millisecond) }

// nanoseconds are those of the nearest time that ClickHouse's nanoseconds reach.
func nanoseconds(t time.Time) int64 {
	switch {
	case t.Year() < 1900:
		return time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
	case t.Year() > 2261:
		return time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
	}
	return t.UnixNano()
}

// machines adds a condition on a state machine's ARN column: the ARNs, which the primary key knows, and the names.
func (q *query) machines(values []string) {
	var arns, names []string
	for _, v := range values {
		if strings.HasPrefix(v, "arn:") {
			arns = append(arns, v)
		} else {
			names = append(names, v)
		}
	}
	const byARN, byName = "StateMachineArn IN {texts}", "splitByChar(':', toString(StateMachineArn))[7] IN {texts}"
	if len(names) > 0 && len(arns) > 0 {
		either := query{}
		either.texts(byARN, "machines", arns)
		either.texts(byName, "machine_names", names)
		q.where("(" + strings.Join(either.conditions, " OR ") + ")")
		q.params, q.err = append(q.params, either.params...), errors.Join(q.err, either.err)
		return
	}
	q.texts(byARN, "machines", arns)
	q.texts(byName, "machine_names", names)
}

// limit adds how many rows are wanted: the given number, def without one, and most at most.
func (q *query) limit(n, def, most int) int {
	n = bounded(n, def, most)
	q.param("limit", n)
	return n
}

func bounded(n, def, most int) int {
	if n <= 0 {
		n = def
	}
	return min(n, most)
}

// sql puts the conditions in the place of each {where} of a query's text.
func (q *query) sql(text string) string { return replaceWhere(text, "{where}", *q) }

// replaceWhere puts the conditions in the place of a mark.
func replaceWhere(text, mark string, q query) string {
	if len(q.conditions) == 0 {
		return strings.ReplaceAll(text, mark, "")
	}
	return strings.ReplaceAll(text, mark, "WHERE "+q.joined())
}

// replaceConditions puts the conditions, of which there is one at least, without WHERE in the place of a mark.
func replaceConditions(text, mark string, q query) string {
	return strings.ReplaceAll(text, mark, q.joined())
}

func (q *query) joined() string { return strings.Join(q.conditions, "\n    AND ") }

// ask asks a question of q's conditions and calls scan for every row.
func (db *DB) ask(ctx context.Context, what string, q *query, text string, scan func(driver.Rows) error) error {
	if q.err != nil {
		return fmt.Errorf("%s: %w", what, q.err)
	}
	return db.each(ctx, what, q.sql(text), scan, q.params...)
}
