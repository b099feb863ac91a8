package store

import (
	"slices"
	"strings"

	"github.com/steptrace/steptrace/store/price"
)

// joinKeys are what an invocation is given to one attempt by: the request id (1); else to the latest attempt before it
// in its own trace (2); else to the latest one before it with the same payload (3). Each side has a row for each key,
// and ASOF finds the latest without comparing each with each. Clocks differ by 100 ms.
const joinKeys = `arrayJoin([(1, RequestHash), (2, sipHash64(FunctionArn, TraceId)),
            (3, if(FingerprintHash = 0, 0, sipHash64(FunctionArn, FingerprintHash)))]) AS by,
        by.1 AS method, by.2 AS key`

const joinedInvocations = `(
    SELECT i.TraceId, i.SpanId, i.ColdStart AS ColdStart, i.Memory AS Memory, i.Took AS Took,
        a.StateMachineArn AS StateMachineArn, a.StateName AS StateName, a.ExecutionArn AS ExecutionArn,
        a.Begin + 100 AS Since
    FROM (SELECT * FROM invoked WHERE key != 0) AS i
    ASOF INNER JOIN (SELECT * FROM own WHERE key != 0) AS a
        ON i.method = a.method AND i.key = a.key AND i.Begin >= a.Begin
    WHERE i.method != 3 OR i.Begin <= a.Finish + 200
    ORDER BY i.method
    LIMIT 1 BY i.TraceId, i.SpanId
)`

// usageQuery sums what the parts of executions used. Begin and Finish are Unix ms; an attempt's Begin is 100 ms early.
// Since is when a part began, of an invocation its attempt.
const usageQuery = `
WITH own AS (
    SELECT StateMachineArn, StateName, ExecutionArn,
        toUnixTimestamp64Milli(toDateTime64(Start, 3)) - 100 AS Begin,
        if(Open, {until:Int64}, toUnixTimestamp64Milli(toDateTime64(End, 3))) AS Finish,
        ` + joinKeys + `
    FROM sfn_attempts FINAL
    {attempts} AND FunctionArn != ''
),
invoked AS (
    SELECT TraceId, SpanId, ColdStart, Memory, toUnixTimestamp64Milli(toDateTime64(Start, 3)) AS Begin,
        intDiv(greatest(0, dateDiff('nanosecond', Start, End)) + 999999, 1000000) AS Took,
        ` + joinKeys + `
    FROM lambda_invocations FINAL
    WHERE FunctionArn IN (SELECT DISTINCT FunctionArn FROM sfn_attempts {attempts})
        AND Start >= fromUnixTimestamp64Milli({since:Int64} - 100)
        AND Start < fromUnixTimestamp64Milli({until:Int64} + 21600000) -- an asynchronous event is kept for six hours
)
SELECT ` + stepBegin + `Since` + stepEnd + ` AS time,
    toString(StateMachineArn), {state} AS state, {execution} AS execution, sum(executions), sum(entries + retried),
    sum(retried), sum(requests), sum(express), sum(invocations), sum(cold), sum(unknown), sum(gb_seconds)
FROM (
    SELECT StateMachineArn, '' AS StateName, ExecutionArn, 1 AS executions, 0 AS entries, 0 AS retried,
        position(ExecutionArn, ':express:') > 0 AS requests,
        if(requests, {chunk:Float64} * intDiv(
            if(Status = 'RUNNING', 0, dateDiff('millisecond', Start, End)) + 99, 100), 0.) AS express,
        0 AS invocations, 0 AS cold, 0 AS unknown, 0. AS gb_seconds, toUnixTimestamp64Milli(Start) AS Since
    FROM sfn_executions FINAL
    {executions}
    UNION ALL
    SELECT StateMachineArn, StateName, ExecutionArn, 0, 1, 0, 0, 0, 0, 0, 0, 0, toUnixTimestamp64Milli(Start)
    FROM sfn_state_visits FINAL
    {visits} AND position(ExecutionArn, ':express:') = 0
    UNION ALL
    SELECT StateMachineArn, StateName, ExecutionArn, 0, 0, 1, 0, 0, 0, 0, 0, 0,
        toUnixTimestamp64Milli(toDateTime64(Start, 3))
    FROM sfn_attempts FINAL
    {attempts} AND RetryCount > 0 AND position(ExecutionArn, ':express:') = 0
    UNION ALL
    SELECT StateMachineArn, StateName, ExecutionArn, 0, 0, 0, 0, 0, 1, ColdStart, Memory = 0,
        Took / 1000 * Memory / 1073741824, Since
    FROM ` + joinedInvocations + `
)
GROUP BY time, StateMachineArn, state, execution
{having}
ORDER BY time, sum(entries + retried) * {transition:Float64} + sum(express) * {express:Float64}
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
	q.param("step", stepSeconds(f.Step))
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
