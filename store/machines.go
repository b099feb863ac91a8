package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const (
	defaultMachineLimit = 500
	maxMachineLimit     = 10_000
)

// MachineFilter selects state machines; zero fields select all.
type MachineFilter struct {
	StateMachines []string  // names or ARNs
	Since, Until  time.Time // executions counted: when they started
	Limit         int       // 0 is 500, 10,000 the most
}

// StateMachine is one that the store knows executions or a definition of.
type StateMachine struct {
	ARN       string    `json:"arn"`
	Name      string    `json:"name"`
	Type      string    `json:"type,omitempty"` // STANDARD, EXPRESS; empty while unknown
	Revisions uint64    `json:"revisions"`      // definitions known
	Running   uint64    `json:"running"`        // executions
	Succeeded uint64    `json:"succeeded"`
	Failed    uint64    `json:"failed"`
	TimedOut  uint64    `json:"timed_out"`
	Aborted   uint64    `json:"aborted"`
	LastStart time.Time `json:"last_start,omitzero"`
}

// Children of Map Runs are executions of their state machine.
const machinesQuery = `
SELECT StateMachineArn, splitByChar(':', toString(StateMachineArn))[7] AS name, max(type), sum(revisions),
    sum(n[1]), sum(n[2]), sum(n[3]), sum(n[4]), sum(n[5]), max(last)
FROM (
    SELECT StateMachineArn, '' AS type, 0 AS revisions,
        [countIf(Status = 'RUNNING'), countIf(Status = 'SUCCEEDED'), countIf(Status = 'FAILED'),
            countIf(Status = 'TIMED_OUT'), countIf(Status = 'ABORTED')] AS n,
        max(toUnixTimestamp64Milli(Start)) AS last
    FROM sfn_executions FINAL
    {where}
    GROUP BY StateMachineArn
    UNION ALL
    SELECT StateMachineArn, argMax(toString(StateMachineType), Since), count(), [0, 0, 0, 0, 0], 0
    FROM sfn_state_machines FINAL
    {machines}
    GROUP BY StateMachineArn
)
WHERE StateMachineArn != ''
GROUP BY StateMachineArn
ORDER BY StateMachineArn
LIMIT {limit:UInt32}` + finalSettings

// StateMachines lists the state machines, by ARN.
func (db *DB) StateMachines(ctx context.Context, filter MachineFilter) ([]StateMachine, error) {
	var q, known query
	q.machines(filter.StateMachines)
	known.machines(filter.StateMachines)
	text := replaceWhere(machinesQuery, "{machines}", known)
	q.between("Start", 3, filter.Since, filter.Until)
	q.limit(filter.Limit, defaultMachineLimit, maxMachineLimit)
	found := []StateMachine{}
	err := db.ask(ctx, "list state machines", &q, text, func(rows driver.Rows) error {
		var m StateMachine
		var last int64
		err := rows.Scan(&m.ARN, &m.Name, &m.Type, &m.Revisions, &m.Running, &m.Succeeded, &m.Failed, &m.TimedOut,
			&m.Aborted, &last)
		m.LastStart = knownTime(last)
		found = append(found, m)
		return err
	})
	return found, err
}

// Revision is a definition of a state machine.
type Revision struct {
	StateMachineARN string          `json:"state_machine_arn"`
	RevisionID      string          `json:"revision_id"` // empty for the one it was created with
	Type            string          `json:"type,omitempty"`
	Since           time.Time       `json:"since"`                // when the state machine got it
	Definition      json.RawMessage `json:"definition,omitempty"` // Amazon States Language
}

const (
	defaultRevisionLimit = 20
	maxRevisionLimit     = 200
)

const revisionsQuery = `
SELECT StateMachineArn, RevisionId, StateMachineType, toUnixTimestamp64Milli(Since), Definition
FROM sfn_state_machines FINAL
{where}
ORDER BY Since DESC, RevisionId
LIMIT {limit:UInt32}`

// Revisions lists the definitions that a state machine, named by its ARN, has had, the newest first.
func (db *DB) Revisions(ctx context.Context, machineARN string, limit int) ([]Revision, error) {
	var q query
	q.where("StateMachineArn = {machine:String}")
	q.check("state machine", machineARN)
	q.param("machine", machineARN)
	q.limit(limit, defaultRevisionLimit, maxRevisionLimit)
	return db.revisions(ctx, &q, revisionsQuery)
}

const revisionAtQuery = `
SELECT StateMachineArn, RevisionId, StateMachineType, toUnixTimestamp64Milli(Since), Definition
FROM sfn_state_machines FINAL
{where}
ORDER BY Since <= fromUnixTimestamp64Milli({at:Int64}) DESC,
    abs(toUnixTimestamp64Milli(Since) - {at:Int64}), RevisionId
LIMIT 1`

// revisionAt is the definition in force at a time. Of a time before the first one known it is that; found is false when
// none is known.
func (db *DB) revisionAt(ctx context.Context, machineARN string, at time.Time) (r Revision, found bool, err error) {
	var q query
	q.where("StateMachineArn = {machine:String}")
	q.check("state machine", machineARN)
	q.param("machine", machineARN)
	q.param("at", at.UnixMilli())
	revisions, err := db.revisions(ctx, &q, revisionAtQuery)
	if err != nil || len(revisions) == 0 {
		return Revision{}, false, err
	}
	return revisions[0], true, nil
}

func (db *DB) revisions(ctx context.Context, q *query, text string) ([]Revision, error) {
	found := []Revision{}
	err := db.ask(ctx, "read definitions", q, text, func(rows driver.Rows) error {
		var r Revision
		var since int64
		var definition string
		err := rows.Scan(&r.StateMachineARN, &r.RevisionID, &r.Type, &since, &definition)
		r.Since, r.Definition = time.UnixMilli(since).UTC(), asJSON(definition)
		found = append(found, r)
		return err
	})
	return found, err
}
