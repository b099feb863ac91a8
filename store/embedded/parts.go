package embedded

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

// brokenPart is a part, a folder with some rows of a table, that the engine could not load and has set aside.
type brokenPart struct {
	Database, Table string
	Path            string
	Replaced        bool // by the parts that it was merged from, so no row is lost
}

// A part that is broken is replaced by those it was merged from while they are still there: they cover its blocks.
const brokenPartsQuery = `
SELECT d.database AS Database, d.table AS Table, d.path AS Path,
    arrayExists(b -> b.1 <= ifNull(d.max_block_number, -1) AND b.2 >= ifNull(d.min_block_number, 0), p.blocks)::Bool
        AS Replaced
FROM system.detached_parts AS d
LEFT JOIN (
    SELECT database, table, partition_id, groupArray((min_block_number, max_block_number)) AS blocks
    FROM system.parts WHERE active GROUP BY database, table, partition_id
) AS p ON d.database = p.database AND d.table = p.table AND d.partition_id = p.partition_id
WHERE startsWith(d.reason, 'broken')
ORDER BY Database, Table, Path`

// brokenParts lists the parts that the engine has set aside, now or in an earlier start.
func (e *engine) brokenParts() ([]brokenPart, error) {
	result, err := e.control.Query(brokenPartsQuery, "JSONEachRow")
	if err != nil {
		return nil, err
	}
	defer result.Free()
	var parts []brokenPart
	rows := json.NewDecoder(bytes.NewReader(result.Bytes()))
	for {
		var p brokenPart
		if err := rows.Decode(&p); errors.Is(err, io.EOF) {
			return parts, nil
		} else if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
}

// checkParts fails when rows are missing from a table because a part is broken. Without that, whoever reads would take
// the rest for the whole.
func (e *engine) checkParts() error {
	broken, err := e.brokenParts()
	if err != nil {
		return fmt.Errorf("ask the embedded ClickHouse for broken parts: %w", err)
	}
	var lost []brokenPart
	for _, p := range broken {
		if p.Replaced {
			e.log.Warn("a damaged part was replaced by those that it was merged from: no row is lost, and its folder "+
				"may be deleted", "table", p.Database+"."+p.Table, "folder", p.Path)
			continue
		}
		lost = append(lost, p)
	}
	if len(lost) == 0 {
		return nil
	}
	return lostRows(e.path, lost)
}

func lostRows(path string, lost []brokenPart) error {
	first, more := lost[0], ""
	if n := len(lost) - 1; n > 0 {
		more = fmt.Sprintf(" (and %d more: find %s -path '*/detached/broken*' -prune)", n, path)
	}
	return fmt.Errorf("the data folder %s is damaged: rows of table %s.%s cannot be read and were set aside, as they "+
		"are, in %s%s; restore the data folder from a copy, or, to go on without those rows, move that folder out of it",
		path, first.Database, first.Table, filepath.Clean(first.Path), more)
}
