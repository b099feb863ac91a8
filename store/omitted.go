package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// countOmitted counts the children that are not shown, by the span that started them.
func (db *DB) countOmitted(ctx context.Context, from starters, found, shown []Child, t *Trace) error {
	counts := map[string]*ChildrenCounts{}
	of := func(span string) *ChildrenCounts {
		if counts[span] == nil {
			counts[span] = &ChildrenCounts{}
		}
		return counts[span]
	}
	for _, c := range found[len(shown):] {
		if c.MapRunARN == "" || from.byMapRun[c.MapRunARN] == "" {
			of(c.SpanID).add(c.Status, 1)
		}
	}
	if err := db.countOfMapRuns(ctx, from, of); err != nil {
		return err
	}
	for _, c := range shown {
		if from.byMapRun[c.MapRunARN] != "" {
			of(c.SpanID).add(c.Status, -1)
		}
	}
	for _, span := range slices.Sorted(maps.Keys(counts)) {
		if *counts[span] != (ChildrenCounts{}) {
			t.Omitted = append(t.Omitted, OmittedChildren{span, *counts[span]})
			t.Truncated = true
		}
	}
	return nil
}

func (db *DB) countOfMapRuns(ctx context.Context, from starters, of func(span string) *ChildrenCounts) error {
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(from.byMapRun)), maxTexts) {
		var q query
		q.texts("MapRunArn IN {texts}", "runs", chunk)
		q.between("Start", 3, from.first.Add(-aliasDuration), time.Time{})
		err := db.ask(ctx, "count the children of Map Runs", &q, childrenCountsQuery, func(rows driver.Rows) error {
			arn, c, err := scanChildrenCounts(rows)
			*of(from.byMapRun[arn]) = c
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func scanChildrenCounts(rows driver.Rows) (mapRunARN string, c ChildrenCounts, err error) {
	err = rows.Scan(&mapRunARN, &c.Running, &c.Succeeded, &c.Failed, &c.TimedOut, &c.Aborted)
	return mapRunARN, c, err
}

// add counts n of a status; taking away, it stops at none, for a child may have ended between two queries.
func (c *ChildrenCounts) add(status string, n int) {
	to := map[string]*uint64{
		"SUCCEEDED": &c.Succeeded, "FAILED": &c.Failed, "TIMED_OUT": &c.TimedOut, "ABORTED": &c.Aborted,
	}[status]
	if to == nil {
		to = &c.Running
	}
	*to = uint64(max(int64(*to)+int64(n), 0))
}
