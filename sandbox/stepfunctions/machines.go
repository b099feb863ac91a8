package stepfunctions

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

type createStateMachineInput struct {
	Name               string                   `json:"name"`
	Type               string                   `json:"type"`
	Publish            bool                     `json:"publish"`
	VersionDescription string                   `json:"versionDescription"`
	Tags               []Tag                    `json:"tags"`
	Definition         string                   `json:"definition"`
	RoleARN            string                   `json:"roleArn"`
	Logging            *loggingConfiguration    `json:"loggingConfiguration"`
	Tracing            *tracingConfiguration    `json:"tracingConfiguration"`
	Encryption         *encryptionConfiguration `json:"encryptionConfiguration"`
}

type createStateMachineOutput struct {
	StateMachineARN        string            `json:"stateMachineArn"`
	CreationDate           interpreter.Epoch `json:"creationDate"`
	StateMachineVersionARN string            `json:"stateMachineVersionArn,omitempty"`
}

func (s *Service) createStateMachine(
	_ context.Context, in createStateMachineInput,
) (createStateMachineOutput, error) {
	m, err := s.newMachine(in)
	if err != nil {
		return createStateMachineOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.machines[m.arn]; ok {
		if !sameMachine(old, m, in) {
			return createStateMachineOutput{}, alreadyExists(m.arn)
		}
		m = old
	} else {
		s.sequence++
		m.sequence = s.sequence
		s.machines[m.arn] = m
	}
	out := createStateMachineOutput{StateMachineARN: m.arn, CreationDate: interpreter.Epoch(m.created)}
	if in.Publish {
		out.StateMachineVersionARN = m.publish(in.VersionDescription, m.created).arn(m)
	}
	return out, nil
}

func (s *Service) newMachine(in createStateMachineInput) (*machine, error) {
	if err := checkName(in.Name); err != nil {
		return nil, err
	}
	if err := checkRole(in.RoleARN); err != nil {
		return nil, err
	}
	setDefault(&in.Type, standard)
	definition, err := s.checkMachine(in)
	if err != nil {
		return nil, err
	}
	tags, err := mergeTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	now := s.now()
	r := &revision{updated: now, text: in.Definition, definition: definition, roleARN: in.RoleARN}
	r.configure(in.Logging, in.Tracing, in.Encryption)
	return &machine{
		arn: s.machineARN(in.Name), name: in.Name, kind: in.Type, created: now, tags: tags, revisions: []*revision{r},
	}, nil
}

// checkMachine reads the definition, and validates what goes with it.
func (s *Service) checkMachine(in createStateMachineInput) (*asl.StateMachine, error) {
	definition, err := parseDefinition(in.Definition)
	if err != nil {
		return nil, err
	}
	if err := checkType(in.Type, definition); err != nil {
		return nil, err
	}
	return definition, s.checkLogging(in.Logging)
}

// configure sets what is given and leaves the rest, or its default.
func (r *revision) configure(
	logging *loggingConfiguration, tracing *tracingConfiguration, encryption *encryptionConfiguration,
) {
	if logging != nil {
		r.logging = *logging
	}
	setDefault(&r.logging.Level, "OFF")
	if tracing != nil {
		r.tracing = *tracing
	}
	if encryption != nil {
		r.encryption = *encryption
	}
	setDefault(&r.encryption.Type, "AWS_OWNED_KEY")
}

// sameMachine tells whether creating m again is the same request: role and tags do not count.
// Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
func sameMachine(old, m *machine, in createStateMachineInput) bool {
	a, b := old.current(), m.current()
	published := old.lastVersion()
	return old.kind == m.kind && a.text == b.text && reflect.DeepEqual(a.logging, b.logging) && a.tracing == b.tracing &&
		a.encryption == b.encryption &&
		(!in.Publish || (published != nil && published.revision == a && published.description == in.VersionDescription))
}

func checkRole(arn string) error {
	if err := required("roleArn", arn); err != nil {
		return err
	}
	if len(arn) < len("arn:") || arn[:len("arn:")] != "arn:" {
		return awswire.Errorf("InvalidArn", "Invalid Role Arn: '%s'", arn)
	}
	return nil
}

type updateStateMachineInput struct {
	StateMachineARN    string                   `json:"stateMachineArn"`
	Definition         string                   `json:"definition"`
	RoleARN            string                   `json:"roleArn"`
	Logging            *loggingConfiguration    `json:"loggingConfiguration"`
	Tracing            *tracingConfiguration    `json:"tracingConfiguration"`
	Encryption         *encryptionConfiguration `json:"encryptionConfiguration"`
	Publish            bool                     `json:"publish"`
	VersionDescription string                   `json:"versionDescription"`
}

func (in updateStateMachineInput) empty() bool {
	return in.Definition == "" && in.RoleARN == "" && in.Logging == nil && in.Tracing == nil && in.Encryption == nil
}

type updateStateMachineOutput struct {
	UpdateDate             interpreter.Epoch `json:"updateDate"`
	RevisionID             string            `json:"revisionId"`
	StateMachineVersionARN string            `json:"stateMachineVersionArn,omitempty"`
}

func (s *Service) updateStateMachine(
	_ context.Context, in updateStateMachineInput,
) (updateStateMachineOutput, error) {
	var definition *asl.StateMachine
	if in.Definition != "" {
		var err error
		if definition, err = parseDefinition(in.Definition); err != nil {
			return updateStateMachineOutput{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.unversioned(in.StateMachineARN)
	if err != nil {
		return updateStateMachineOutput{}, err
	}
	if in.empty() {
		return updateStateMachineOutput{}, awswire.Errorf("MissingRequiredParameter",
			"Either the definition, the role ARN, or a configuration must be specified")
	}
	if definition != nil {
		err = checkType(m.kind, definition)
	}
	if err == nil {
		err = s.checkLogging(in.Logging)
	}
	if err != nil {
		return updateStateMachineOutput{}, err
	}
	r := s.revise(m, in, definition)
	out := updateStateMachineOutput{UpdateDate: interpreter.Epoch(r.updated), RevisionID: r.id}
	if in.Publish {
		out.StateMachineVersionARN = m.publish(in.VersionDescription, r.updated).arn(m)
	}
	return out, nil
}

// revise adds a revision that differs from the present one in what the update gives.
func (s *Service) revise(m *machine, in updateStateMachineInput, definition *asl.StateMachine) *revision {
	r := *m.current()
	r.id, r.updated = s.config.NewUUID(), s.now()
	if definition != nil {
		r.text, r.definition = in.Definition, definition
	}
	if in.RoleARN != "" {
		r.roleARN = in.RoleARN
	}
	r.configure(in.Logging, in.Tracing, in.Encryption)
	m.revisions = append(m.revisions, &r)
	return &r
}

// unversioned finds a state machine for operations that do not take the ARN of a version.
func (s *Service) unversioned(arn string) (*machine, error) {
	m, v, err := s.machine(arn)
	if err != nil {
		return nil, err
	}
	if v != nil {
		return nil, awswire.Errorf("ValidationException", "%s is a version; this operation takes a state machine", arn)
	}
	return m, nil
}

type machineInput struct {
	StateMachineARN string `json:"stateMachineArn"`
	IncludedData    string `json:"includedData"` // ALL_DATA or METADATA_ONLY
}

// deleteStateMachine removes a state machine and stops its executions, which stay to be read. There is no error when
// it does not exist.
func (s *Service) deleteStateMachine(_ context.Context, in machineInput) (empty, error) {
	if err := checkARN(in.StateMachineARN, "stateMachine"); err != nil {
		return empty{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.machines, in.StateMachineARN)
	for _, x := range s.executions {
		if x.StateMachineARN == in.StateMachineARN {
			x.abort(interpreter.Failure{})
		}
	}
	return empty{}, nil
}

type machineSummary struct {
	StateMachineARN string            `json:"stateMachineArn"`
	Name            string            `json:"name"`
	Type            string            `json:"type"`
	CreationDate    interpreter.Epoch `json:"creationDate"`
}

type listStateMachinesOutput struct {
	StateMachines []machineSummary `json:"stateMachines"`
	NextToken     string           `json:"nextToken,omitempty"`
}

func (s *Service) listStateMachines(_ context.Context, in paging) (listStateMachinesOutput, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := slices.SortedFunc(maps.Values(s.machines), func(a, b *machine) int { return int(a.sequence - b.sequence) })
	machines, next, err := page(in, "ListStateMachines", all, func(m *machine) int64 { return m.sequence })
	out := listStateMachinesOutput{StateMachines: []machineSummary{}, NextToken: next}
	for _, m := range machines {
		out.StateMachines = append(out.StateMachines, machineSummary{
			StateMachineARN: m.arn, Name: m.name, Type: m.kind, CreationDate: interpreter.Epoch(m.created),
		})
	}
	return out, err
}

type describeStateMachineOutput struct {
	StateMachineARN string                  `json:"stateMachineArn"`
	Name            string                  `json:"name"`
	Status          string                  `json:"status,omitempty"`
	Type            string                  `json:"type,omitempty"`
	Definition      string                  `json:"definition,omitempty"`
	RoleARN         string                  `json:"roleArn"`
	CreationDate    *interpreter.Epoch      `json:"creationDate,omitempty"`
	UpdateDate      *interpreter.Epoch      `json:"updateDate,omitempty"`
	Logging         loggingConfiguration    `json:"loggingConfiguration"`
	Tracing         tracingConfiguration    `json:"tracingConfiguration"`
	Encryption      encryptionConfiguration `json:"encryptionConfiguration"`
	RevisionID      string                  `json:"revisionId,omitempty"`
	Description     string                  `json:"description,omitempty"`
	MapRunARN       string                  `json:"mapRunArn,omitempty"`
	Label           string                  `json:"label,omitempty"`
}

func (r *revision) describe(m *machine, arn, includedData string) describeStateMachineOutput {
	out := describeStateMachineOutput{
		StateMachineARN: arn, Name: m.name, RoleARN: r.roleARN, RevisionID: r.id, Definition: r.text,
		Logging: r.logging, Tracing: r.tracing, Encryption: r.encryption,
	}
	if includedData == metadataOnly {
		out.Definition = ""
	}
	return out
}

func (s *Service) describeStateMachine(_ context.Context, in machineInput) (describeStateMachineOutput, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	m, v, err := s.machine(in.StateMachineARN)
	if err != nil {
		return describeStateMachineOutput{}, err
	}
	r, created := m.current(), m.created
	if v != nil {
		r, created = v.revision, v.created
	}
	out := r.describe(m, in.StateMachineARN, in.IncludedData)
	out.Status, out.Type, out.CreationDate = "ACTIVE", m.kind, epoch(created)
	if v != nil {
		out.Description = v.description
	}
	return out, nil
}

func (s *Service) describeStateMachineForExecution(
	_ context.Context, in executionInput,
) (describeStateMachineOutput, error) {
	x, err := s.describable(in.ExecutionARN)
	if err != nil {
		return describeStateMachineOutput{}, err
	}
	out := x.revision.describe(x.machine, x.StateMachineARN, in.IncludedData)
	out.UpdateDate = epoch(x.revision.updated)
	if x.MapRun != nil {
		out.MapRunARN, out.Label = x.MapRun.ARN, x.MapRun.Label
	}
	return out, nil
}

func epoch(t time.Time) *interpreter.Epoch {
	e := interpreter.Epoch(t)
	return &e
}
