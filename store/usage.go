package store

import (
	"slices"
	"strings"

	"github.com/steptrace/steptrace/store/price"
)

// An invocation belongs to one attempt: by request id; else to the latest attempt before it in its own trace; else to
// the latest one before it with the same payload. ASOF finds the latest without comparing each with each. Clocks
// differ by 100 ms.
const joinedInvocations = `(
    SELECT * FROM (
        SELECT 1 AS method, i.*, a.StateMachineArn AS StateMachineArn, a.StateName AS StateName,
            a.ExecutionArn AS ExecutionArn
        FROM invoked AS i
        ANY INNER JOIN (SELECT * FROM own WHERE RequestHash != 0) AS a ON i.RequestHash = a.RequestHash
        UNION ALL
        SELECT 2, i.*, a.StateMachineArn, a.StateName, a.ExecutionArn
        FROM invoked AS i ASOF INNER JOIN own AS a
            ON i.FunctionArn = a.FunctionArn AND i.TraceId = a.TraceId AND i.Begin >= a.Begin
        UNION ALL
        SELECT 3, i.*, a.StateMachineArn, a.StateName, a.ExecutionArn
        FROM (SELECT * FROM invoked WHERE FingerprintHash != 0) AS i
        ASOF INNER JOIN (SELECT * FROM own WHERE FingerprintHash != 0) AS a
            ON i.FunctionArn = a.FunctionArn AND i.FingerprintHash = a.FingerprintHash AND i.Begin >= a.Begin
        WHERE i.Begin <= a.Finish + 200
    )
    ORDER BY method
    LIMIT 1 BY TraceId, SpanId
)`

// usageQuery sums what the parts of executions used. Begin and Finish are Unix ms; an attempt's Begin is 100 ms early.
const usageQuery = `
WITH own AS (
    SELECT StateMachineArn, StateName, ExecutionArn, TraceId, FunctionArn, RequestHash, FingerprintHash,
        toUnixTimestamp64Milli(toDateTime64(Start, 3)) - 100 AS Begin,
        if(Open, {until:Int64}, toUnixTimestamp64Milli(toDateTime64(End, 3))) AS Finish
    FROM sfn_attempts FINAL
    {attempts} AND FunctionArn != ''
),
invoked AS (
    SELECT TraceId, SpanId, FunctionArn, RequestHash, FingerprintHash, ColdStart, Memory,
        toUnixTimestamp64Milli(toDateTime64(Start, 3)) AS Begin,
        intDiv(greatest(0, dateDiff('nanosecond', Start, End)) + 999999, 1000000) AS Took
    FROM lambda_invocations FINAL
    WHERE FunctionArn IN (SELECT FunctionArn FROM own)
        AND Start >= fromUnixTimestamp64Milli({since:Int64} - 100)
        AND Start < fromUnixTimestamp64Milli({until:Int64} + 21600000) -- an asynchronous event is kept for six hours
)
SELECT toString(StateMachineArn), {state} AS state, {execution} AS execution, sum(executions), sum(entries + retried),
    sum(retried), sum(requests), sum(express), sum(invocations), sum(cold), sum(unknown), sum(gb_seconds)
FROM (
    SELECT StateMachineArn, '' AS StateName, ExecutionArn, 1 AS executions, 0 AS entries, 0 AS retried,
        position(ExecutionArn, ':express:') > 0 AS requests,
        if(requests, {chunk:Float64} * intDiv(
            if(Status = 'RUNNING', 0, dateDiff('millisecond', Start, End)) + 99, 100), 0.) AS express,
        0 AS invocations, 0 AS cold, 0 AS unknown, 0. AS gb_seconds
    FROM sfn_executions FINAL
    {executions}
    UNION ALL
    SELECT StateMachineArn, StateName, ExecutionArn, 0, 1, 0, 0, 0, 0, 0, 0, 0
    FROM sfn_state_visits FINAL
    {visits} AND position(ExecutionArn, ':express:') = 0
    UNION ALL
    SELECT StateMachineArn, StateName, ExecutionArn, 0, 0, 1, 0, 0, 0, 0, 0, 0
    FROM sfn_attempts FINAL
    {attempts} AND RetryCount > 0 AND position(ExecutionArn, ':express:') = 0
    UNION ALL
    SELECT StateMachineArn, StateName, ExecutionArn, 0, 0, 0, 0, 0, 1, ColdStart, Memory = 0,
        Took / 1000 * Memory / 1073741824
    FROM ` + joinedInvocations + `
)
GROUP BY StateMachineArn, state, execution
{having}
ORDER BY sum(entries + retried) * {transition:Float64} + sum(express) * {express:Float64}
    + sum(gb_seconds) * {lambda:Float64} DESC, StateMachineArn, state, execution
LIMIT {limit:UInt32}` + finalSettings

// query makes the question; the default region's prices only tell which are the most expensive.
func (f CostFilter) query(r price.Region) (query, string) {
	var q, attempts query
	q.between("Start", 3, f.Since, f.Until)
	q.machines(f.StateMachines)
	if len(f.traces) > 0 {
		q.where("TraceId IN {traces:Array(String)}")
		q.param("traces", f.traces)
	}
	attempts.conditions = slices.Clone(q.conditions)
	q.param("chunk", price.ExpressGBSeconds(0, 1))
	q.param("transition", r.Transition)
	q.param("express", r.ExpressGBSecond.First())
	q.param("lambda", r.Lambda(f.Architecture).First())
	state, execution, having := "''", "''", ""
	switch f.By {
	case ByMachine:
	case ByState:
		state, having = "toString(StateName)", "HAVING state != ''"
	case ByExecution:
		execution = "ExecutionArn"
	default:
		q.fail("by", "it is neither machine, state nor execution")
	}
	text := strings.NewReplacer("{state}", state, "{execution}", execution, "{having}", having).Replace(usageQuery)
	for _, mark := range []string{"{attempts}", "{visits}", "{executions}"} {
		text = replaceWhere(text, mark, attempts)
	}
	return q, text
}
