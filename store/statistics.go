package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const (
	maxStatisticsPoints = 50_000 // 60 states in steps of two minutes are 43,200 a day
	// exactRange is the longest range that is counted visit by visit; a longer one is read from minutes.
	exactRange = 25 * time.Hour
	// defaultSteps is how many a range is divided into when no step is given.
	defaultSteps = 100
)

// StatisticsFilter selects visits of states; zero fields select all.
type StatisticsFilter struct {
	StateMachines []string // names or ARNs
	States        []string
	Since, Until  time.Time     // when the states were entered; zero: the last 24 hours
	Step          time.Duration // whole seconds; 0 is a hundredth of the range
	Whole         bool          // one point for all of the range, whose time is zero, whatever the step
	Limit         int           // points; 0 and the most is 50,000
}

// StateStatistics is a series of points for each state.
type StateStatistics struct {
	Step time.Duration `json:"step_ns"`
	// Approximate is set for a range longer than 25 hours: quantiles are off by a tenth at most, counts of more than
	// 10,000 by a hundredth, a visit that failed and went on after a redrive counts as both, and what attempts tell is
	// not there.
	Approximate bool         `json:"approximate"`
	Points      []StatePoint `json:"points"` // by time, state machine and state
	Truncated   bool         `json:"truncated,omitempty"`
}

// StatePoint is the visits of one state that began in one step.
type StatePoint struct {
	Time            time.Time `json:"time"` // the step's begin
	StateMachineARN string    `json:"state_machine_arn"`
	State           string    `json:"state"`
	StateCounts
}

// StateCounts is what became of visits of a state, and how long they took.
type StateCounts struct {
	Visits    uint64  `json:"visits"` // that have ended
	Succeeded uint64  `json:"succeeded"`
	Caught    uint64  `json:"caught"` // failed, and a Catch took the error
	Failed    uint64  `json:"failed"`
	Aborted   uint64  `json:"aborted"`
	P50       float64 `json:"p50_ms"`
	P95       float64 `json:"p95_ms"`
	P99       float64 `json:"p99_ms"`
	Attempts  uint64  `json:"attempts"`
	Retries   uint64  `json:"retries"`    // attempts after the first of a state
	Wait      float64 `json:"wait_s"`     // from scheduled to started, mean of the attempts
	WaitP95   float64 `json:"wait_p95_s"` // its 95th percentile
	Backoff   float64 `json:"backoff_s"`  // before retries, sum
}

// stepOf is the begin of the step in Unix milliseconds; without a step it is 0.
const stepOf = stepBegin + `toUnixTimestamp64Milli(Start)` + stepEnd

// stepBegin and stepEnd make a step's begin of the Unix milliseconds between them.
const (
	stepBegin = `toInt64(intDiv(`
	stepEnd   = `, 1000 * greatest({step:UInt32}, 1)) * 1000 * {step:UInt32})`
)

const stateCountsColumns = `countIf(visit), countIf(Outcome = 'SUCCEEDED' AND visit), countIf(Outcome = 'CAUGHT'),
    countIf(Outcome = 'FAILED' AND visit), countIf(Outcome = 'ABORTED' AND visit),
    arrayMap(q -> toFloat64(q), quantilesExactIf(0.5, 0.95, 0.99)(Duration, visit)),
    countIf(NOT visit), countIf(NOT visit AND RetryCount > 0), avgIf(QueueTime, NOT visit),
    toFloat64(quantileExactIf(0.95)(QueueTime, NOT visit)), toFloat64(sumIf(BackoffTime, NOT visit))`

const visitsAndAttempts = `(
    SELECT StateMachineArn, StateName, Start, 1 AS visit, toString(Outcome) AS Outcome, Duration,
        0 AS RetryCount, 0 AS QueueTime, 0 AS BackoffTime
    FROM sfn_state_visits FINAL
    {where}
    UNION ALL
    SELECT StateMachineArn, StateName, toDateTime64(Start, 3), 0, toString(Outcome), 0,
        RetryCount, QueueTime, BackoffTime
    FROM sfn_attempts FINAL
    {where}
)`

const exactStatisticsQuery = `
SELECT ` + stepOf + ` AS time, StateMachineArn, StateName, ` + stateCountsColumns + `
FROM ` + visitsAndAttempts + `
GROUP BY time, StateMachineArn, StateName
ORDER BY time, StateMachineArn, StateName
LIMIT {limit:UInt32}` + finalSettings

// Of a duration class the middle counts.
const minuteStatisticsQuery = `
SELECT time, StateMachineArn, StateName, sum(visits), sumIf(visits, Outcome = 'SUCCEEDED'),
    sumIf(visits, Outcome = 'CAUGHT'), sumIf(visits, Outcome = 'FAILED'), sumIf(visits, Outcome = 'ABORTED'),
    arrayMap(class -> round(exp2((class + 0.5) / 4), 1),
        quantilesExactWeighted(0.5, 0.95, 0.99)(DurationClass, visits)),
    toUInt64(0), toUInt64(0), toFloat64(0), toFloat64(0), toFloat64(0)
FROM (
    SELECT toInt64(intDiv(toUInt32(Minute), greatest({step:UInt32}, 1)) * 1000 * {step:UInt32}) AS time,
        StateMachineArn, StateName, Outcome, DurationClass, uniqCombined64Merge(Visits) AS visits
    FROM sfn_state_minutes
    {where}
    GROUP BY time, StateMachineArn, StateName, Outcome, DurationClass
)
GROUP BY time, StateMachineArn, StateName
ORDER BY time, StateMachineArn, StateName
LIMIT {limit:UInt32}`

// StateStatistics counts visits of states over time.
func (db *DB) StateStatistics(ctx context.Context, filter StatisticsFilter) (StateStatistics, error) {
	f := filter.complete(time.Now())
	q, text := f.query()
	found := StateStatistics{Step: f.Step, Approximate: f.approximate(), Points: []StatePoint{}}
	limit := q.limit(f.Limit, maxStatisticsPoints, maxStatisticsPoints)
	q.param("limit", limit+1)
	q.param("step", f.stepSeconds())
	err := db.ask(ctx, "count visits of states", &q, text, func(rows driver.Rows) error {
		p, err := scanStatePoint(rows)
		found.Points = append(found.Points, p)
		return err
	})
	if len(found.Points) > limit {
		found.Points, found.Truncated = found.Points[:limit], true
	}
	return found, err
}

func scanStatePoint(rows driver.Rows) (StatePoint, error) {
	var p StatePoint
	var at int64
	var quantiles []float64
	err := rows.Scan(&at, &p.StateMachineARN, &p.State, &p.Visits, &p.Succeeded, &p.Caught, &p.Failed, &p.Aborted,
		&quantiles, &p.Attempts, &p.Retries, &p.Wait, &p.WaitP95, &p.Backoff)
	if err != nil {
		return StatePoint{}, err
	}
	p.Time = knownTime(at)
	if p.Visits > 0 {
		p.P50, p.P95, p.P99 = quantiles[0], quantiles[1], quantiles[2]
	}
	if p.Attempts == 0 {
		p.Wait, p.WaitP95 = 0, 0 // they are no numbers
	}
	return p, nil
}

// complete fills in what is left to the reader.
func (f StatisticsFilter) complete(now time.Time) StatisticsFilter {
	if f.Until.IsZero() {
		f.Until = now
	}
	if f.Since.IsZero() {
		f.Since = f.Until.Add(-24 * time.Hour)
	}
	if f.Step <= 0 {
		f.Step = f.Until.Sub(f.Since) / defaultSteps
	}
	unit := time.Second
	if f.approximate() {
		unit = time.Minute
	}
	f.Step = max((f.Step+unit-1)/unit, 1) * unit
	return f
}

func (f StatisticsFilter) stepSeconds() uint32 {
	if f.Whole {
		return 0
	}
	return stepSeconds(f.Step)
}

func (f StatisticsFilter) approximate() bool { return f.Until.Sub(f.Since) > exactRange }

func (f StatisticsFilter) query() (query, string) {
	var q query
	q.machines(f.StateMachines)
	q.texts("StateName IN {texts}", "states", f.States)
	if f.approximate() {
		q.where("Minute >= toDateTime({since_minute:UInt32}) AND Minute < toDateTime({until_minute:UInt32})")
		q.param("since_minute", unixSeconds(f.Since))
		q.param("until_minute", unixSeconds(f.Until))
		return q, minuteStatisticsQuery
	}
	q.between("Start", 3, f.Since, f.Until)
	return q, exactStatisticsQuery
}

// unixSeconds are those of the nearest time that ClickHouse's DateTime reaches.
func unixSeconds(t time.Time) int64 { return min(max(t.Unix(), 0), 1<<32-1) }
