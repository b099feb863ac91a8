package sandbox

import (
	"context"

	"github.com/steptrace/steptrace/sandbox/quota"
)

// PublishedQuotas are AWS's default quotas of API calls in the sandbox's default region, for Config.Quotas. Those of
// other regions are quota.Published.
func PublishedQuotas() quota.Rates { return quota.Published("eu-west-1") }

// Calls are the calls so far, by action as IAM names it ("states:GetExecutionHistory"; Lambda's other than Invoke by
// method and path): those over HTTP, throttled ones too, and those that services of the sandbox make of each other.
func (s *Sandbox) Calls() map[string]int64 { return s.meter.Calls() }

// Throttled are the calls by action that went over a quota and were answered with a ThrottlingException.
func (s *Sandbox) Throttled() map[string]int64 { return s.meter.Throttled() }

// enter lets a call in, within the quotas and as the faults want it.
func (s *Sandbox) enter(ctx context.Context, service, operation string) error {
	if err := s.meter.Admit(service + ":" + operation); err != nil {
		return err
	}
	return s.faults.strike(ctx, service, operation)
}
