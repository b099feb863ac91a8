package stepfunctions

import (
	"context"
	"encoding/json"
)

// awaitExecution waits until an execution has ended and describes it.
func (s *Service) awaitExecution(ctx context.Context, arn string) ([]byte, error) {
	x, err := s.execution(arn)
	if err != nil {
		return nil, err
	}
	select {
	case <-x.History.Ended():
		return json.Marshal(s.describe(x))
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
