package interpreter

// maxConcurrency is how many children a Map Run runs at once unless MaxConcurrency says less.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
const maxConcurrency = 10000

// MapRunLimits are what UpdateMapRun can change. A tolerance that is nil does not count unless both are: then none is
// tolerated.
type MapRunLimits struct {
	MaxConcurrency             int64 // 0: as many as Step Functions allows
	ToleratedFailureCount      *int64
	ToleratedFailurePercentage *float64
}

// judge stops the children when more have failed than is tolerated; Express ones, which cannot be stopped, go on. The
// caller holds the lock.
func (m *MapRun) judge() {
	m.exceeded = m.exceeded || m.limits.exceeded(m.failed, m.total)
	if m.exceeded && !m.Express() {
		m.abortChildren()
	}
}

func (l MapRunLimits) exceeded(failed, total int) bool {
	if l.ToleratedFailureCount == nil && l.ToleratedFailurePercentage == nil {
		return failed > 0
	}
	overCount := l.ToleratedFailureCount != nil && int64(failed) > *l.ToleratedFailureCount
	overShare := l.ToleratedFailurePercentage != nil && float64(failed)*100 > *l.ToleratedFailurePercentage*float64(total)
	return overCount || overShare
}
