package stepfunctions

import (
	"context"
	"slices"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

type publishVersionInput struct {
	StateMachineARN string `json:"stateMachineArn"`
	RevisionID      string `json:"revisionId"`
	Description     string `json:"description"`
}

type publishVersionOutput struct {
	CreationDate           interpreter.Epoch `json:"creationDate"`
	StateMachineVersionARN string            `json:"stateMachineVersionArn"`
}

func (s *Service) publishStateMachineVersion(
	_ context.Context, in publishVersionInput,
) (publishVersionOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.unversioned(in.StateMachineARN)
	if err != nil {
		return publishVersionOutput{}, err
	}
	if in.RevisionID != "" && in.RevisionID != m.current().id {
		return publishVersionOutput{}, awswire.Errorf("ConflictException",
			"Failed to publish the State Machine version for revision %s. The current State Machine revision is %s.",
			in.RevisionID, m.current().id)
	}
	v := m.publish(in.Description, s.now())
	return publishVersionOutput{CreationDate: interpreter.Epoch(v.created), StateMachineVersionARN: v.arn(m)}, nil
}

type listVersionsInput struct {
	paging
	StateMachineARN string `json:"stateMachineArn"`
}

type versionSummary struct {
	StateMachineVersionARN string            `json:"stateMachineVersionArn"`
	CreationDate           interpreter.Epoch `json:"creationDate"`
}

type listVersionsOutput struct {
	Versions  []versionSummary `json:"stateMachineVersions"`
	NextToken string           `json:"nextToken,omitempty"`
}

// listStateMachineVersions lists the newest first.
func (s *Service) listStateMachineVersions(_ context.Context, in listVersionsInput) (listVersionsOutput, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	m, err := s.unversioned(in.StateMachineARN)
	if err != nil {
		return listVersionsOutput{}, err
	}
	newestFirst := slices.Clone(m.versions)
	slices.Reverse(newestFirst)
	versions, next, err := page(in.paging, in.StateMachineARN, newestFirst,
		func(v *version) int64 { return -int64(v.number) })
	out := listVersionsOutput{Versions: []versionSummary{}, NextToken: next}
	for _, v := range versions {
		out.Versions = append(out.Versions, versionSummary{v.arn(m), interpreter.Epoch(v.created)})
	}
	return out, err
}
