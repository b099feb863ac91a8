package stepfunctions

import (
	"strconv"
	"time"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
)

// machine is a state machine; revisions are its definitions from the first to the present one.
type machine struct {
	arn, name string
	kind      string // STANDARD or EXPRESS
	sequence  int64
	created   time.Time
	tags      []Tag
	revisions []*revision
	versions  []*version

	stream   string // of log lines, for executions that begin
	streamed time.Time
}

// revision is what an update changes.
type revision struct {
	id         string // empty for the first
	updated    time.Time
	text       string
	definition *asl.StateMachine
	roleARN    string
	logging    loggingConfiguration
	tracing    tracingConfiguration
	encryption encryptionConfiguration
}

// version is a published revision.
type version struct {
	number      int
	created     time.Time
	description string
	revision    *revision
}

type loggingConfiguration struct {
	Level                string           `json:"level"`
	IncludeExecutionData bool             `json:"includeExecutionData"`
	Destinations         []logDestination `json:"destinations,omitempty"`
}

type logDestination struct {
	CloudWatchLogsLogGroup struct {
		LogGroupARN string `json:"logGroupArn"`
	} `json:"cloudWatchLogsLogGroup"`
}

type tracingConfiguration struct {
	Enabled bool `json:"enabled"`
}

type encryptionConfiguration struct {
	Type                         string `json:"type"`
	KMSKeyID                     string `json:"kmsKeyId,omitempty"`
	KMSDataKeyReusePeriodSeconds int    `json:"kmsDataKeyReusePeriodSeconds,omitempty"`
}

func (m *machine) current() *revision { return m.revisions[len(m.revisions)-1] }

func (v *version) arn(m *machine) string { return m.arn + ":" + strconv.Itoa(v.number) }

// publish makes a version of the present revision, or finds the one there is.
func (m *machine) publish(description string, now time.Time) *version {
	if last := m.lastVersion(); last != nil && last.revision == m.current() {
		return last
	}
	number := 1
	if last := m.lastVersion(); last != nil {
		number = last.number + 1
	}
	v := &version{number: number, created: now, description: description, revision: m.current()}
	m.versions = append(m.versions, v)
	return v
}

func (m *machine) lastVersion() *version {
	if len(m.versions) == 0 {
		return nil
	}
	return m.versions[len(m.versions)-1]
}

// machine finds a state machine by its ARN or that of a version; version is nil for the former. The caller holds the
// lock.
func (s *Service) machine(arn string) (*machine, *version, error) {
	if err := checkARN(arn, "stateMachine"); err != nil {
		return nil, nil, err
	}
	base, number := splitVersion(arn)
	m, ok := s.machines[base]
	if !ok {
		return nil, nil, machineDoesNotExist(arn)
	}
	if number == "" {
		return m, nil, nil
	}
	for _, v := range m.versions {
		if strconv.Itoa(v.number) == number {
			return m, v, nil
		}
	}
	return nil, nil, machineDoesNotExist(arn)
}

func machineDoesNotExist(arn string) error {
	return awswire.Errorf("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
}

// parseDefinition reads and validates a definition.
func parseDefinition(text string) (*asl.StateMachine, error) {
	if err := required("definition", text); err != nil {
		return nil, err
	}
	if len(text) > maxDefinition {
		return nil, awswire.Errorf("InvalidDefinition",
			"Invalid State Machine Definition: 'the definition has %d bytes, the quota is %d'", len(text), maxDefinition)
	}
	definition, err := asl.Parse([]byte(text))
	if err != nil {
		return nil, awswire.Errorf("InvalidDefinition", "%v", err)
	}
	return definition, nil
}

// maxDefinition is the quota of a definition in bytes.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const maxDefinition = 1 << 20

func alreadyExists(arn string) error {
	return awswire.Errorf("StateMachineAlreadyExists", "State Machine Already Exists: '%s'", arn)
}
