package interpreter

import "time"

// MapRunInfo is how a Map Run stands.
type MapRunInfo struct {
	Status            string // RUNNING, SUCCEEDED, FAILED or ABORTED
	StopTime          time.Time
	Limits            MapRunLimits
	Items, Executions MapRunCounts
	Redrives          int
	RedriveTime       time.Time
}

// MapRunCounts counts child executions, or their items, by status. Those of the statuses add up to the total.
type MapRunCounts struct {
	Pending               int `json:"pending"`
	Running               int `json:"running"`
	Succeeded             int `json:"succeeded"`
	Failed                int `json:"failed"`
	TimedOut              int `json:"timedOut"`
	Aborted               int `json:"aborted"`
	Total                 int `json:"total"`
	ResultsWritten        int `json:"resultsWritten"`
	FailuresNotRedrivable int `json:"failuresNotRedrivable"`
	PendingRedrive        int `json:"pendingRedrive"`
}

// Info is how the Map Run stands now.
func (m *MapRun) Info() MapRunInfo {
	m.mu.Lock()
	defer m.mu.Unlock()
	info := MapRunInfo{
		Status: m.status, StopTime: m.stopTime, Limits: m.limits, Redrives: m.redrives, RedriveTime: m.redriven,
	}
	for _, c := range m.children {
		status := c.status()
		info.Executions.add(status, 1, m.written)
		info.Items.add(status, c.items, m.written)
		if c.terminal(status) {
			info.Executions.FailuresNotRedrivable++
			info.Items.FailuresNotRedrivable += c.items
		}
	}
	return info
}

// statusPending is that of a child that has not started.
const statusPending = "PENDING"

func (c *mapChild) status() string {
	if c.execution == nil {
		return statusPending
	}
	if c.execution.PendingRedrive() {
		return StatusPendingRedrive
	}
	if outcome := c.execution.History.Outcome(); outcome != nil {
		return outcome.Status
	}
	return StatusRunning
}

// terminal tells whether a child has failed and has too long a history to be redriven.
func (c *mapChild) terminal(status string) bool {
	failed := status == StatusFailed || status == StatusTimedOut || status == StatusAborted
	return failed && !c.execution.MapRun.Express() && len(c.execution.History.Events()) > MaxRedrivable
}

func (c *MapRunCounts) add(status string, n int, written bool) {
	c.Total += n
	if written {
		c.ResultsWritten += n
	}
	switch status {
	case statusPending:
		c.Pending += n
	case StatusPendingRedrive:
		c.PendingRedrive += n
	case StatusRunning:
		c.Running += n
	case StatusSucceeded:
		c.Succeeded += n
	case StatusFailed:
		c.Failed += n
	case StatusTimedOut:
		c.TimedOut += n
	default:
		c.Aborted += n
	}
}

// Update changes the limits of a Map Run: those that are given. It may fail the Map Run, as when fewer failures are
// tolerated than there were. It answers false when the Map Run has ended.
func (m *MapRun) Update(concurrency, count *int64, percentage *float64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.status != StatusRunning {
		return false
	}
	if concurrency != nil {
		m.limits.MaxConcurrency = *concurrency
	}
	if count != nil {
		m.limits.ToleratedFailureCount = count
	}
	if percentage != nil {
		m.limits.ToleratedFailurePercentage = percentage
	}
	m.judge()
	m.notify()
	return true
}

// Stopped is closed when the Map Run has ended.
func (m *MapRun) Stopped() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stopped
}
