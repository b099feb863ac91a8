package eventbridge

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// rule is replaced, never changed, once it is in the service: deliveries read it without the lock.
type rule struct {
	name        string
	description string
	text        string // the pattern as given
	pattern     *Pattern
	roleARN     string
	enabled     bool
	targets     map[string]Target // by id
}

// ruleName is a request that names a rule.
type ruleName struct {
	Name         string
	EventBusName string
}

type putRuleInput struct {
	ruleName
	EventPattern       string
	ScheduleExpression string
	State              string
	Description        string
	RoleArn            string
}

type ruleOutput struct {
	Name         string
	Arn          string
	EventPattern string `json:",omitempty"`
	State        string
	Description  string `json:",omitempty"`
	RoleArn      string `json:",omitempty"`
	EventBusName string
}

var ruleNames = regexp.MustCompile(`^[\.\-_A-Za-z0-9]{1,64}$`)

func (s *Service) putRule(_ context.Context, in putRuleInput) (any, error) {
	if err := s.checkBus(in.EventBusName); err != nil {
		return nil, err
	}
	made, err := newRule(in)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.rules[in.Name]; old != nil {
		made.targets = old.targets
	}
	s.rules[in.Name] = made
	return map[string]string{"RuleArn": s.ruleARN(in.Name)}, nil
}

func newRule(in putRuleInput) (*rule, error) {
	switch {
	case !ruleNames.MatchString(in.Name):
		return nil, awswire.Errorf("ValidationException", "Value '%.80s' at 'name' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+", in.Name)
	case in.ScheduleExpression != "":
		return nil, awswire.Errorf("ValidationException", "The sandbox has no scheduled rules: give an EventPattern.")
	case in.EventPattern == "":
		return nil, awswire.Errorf("ValidationException",
			"Parameter(s) EventPattern or ScheduleExpression must be specified.")
	case in.State != "" && in.State != "ENABLED" && in.State != "DISABLED":
		return nil, awswire.Errorf("ValidationException", "Value '%.80s' at 'state' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [ENABLED, DISABLED]", in.State)
	}
	pattern, err := ParsePattern(in.EventPattern)
	if err != nil {
		return nil, err
	}
	return &rule{
		name: in.Name, description: in.Description, text: in.EventPattern, pattern: pattern, roleARN: in.RoleArn,
		enabled: in.State != "DISABLED",
	}, nil
}

func (s *Service) deleteRule(_ context.Context, in ruleName) (any, error) {
	if err := s.checkBus(in.EventBusName); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.rules[in.Name]; old != nil && len(old.targets) > 0 {
		return nil, awswire.Errorf("ValidationException", "Rule can't be deleted since it has targets.")
	}
	delete(s.rules, in.Name)
	return struct{}{}, nil
}

func (s *Service) describeRule(_ context.Context, in ruleName) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, err := s.find(in)
	if err != nil {
		return nil, err
	}
	return s.describe(found), nil
}

func (s *Service) describe(r *rule) ruleOutput {
	state := "DISABLED"
	if r.enabled {
		state = "ENABLED"
	}
	return ruleOutput{
		Name: r.name, Arn: s.ruleARN(r.name), EventPattern: r.text, State: state, Description: r.description,
		RoleArn: r.roleARN, EventBusName: "default",
	}
}

func (s *Service) enableRule(_ context.Context, in ruleName) (any, error) {
	return s.switchRule(in, true)
}

func (s *Service) disableRule(_ context.Context, in ruleName) (any, error) {
	return s.switchRule(in, false)
}

func (s *Service) switchRule(in ruleName, enabled bool) (any, error) {
	return struct{}{}, s.change(in, func(r *rule) { r.enabled = enabled })
}

// change replaces a rule by an edited copy.
func (s *Service) change(in ruleName, edit func(*rule)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(in)
	if err != nil {
		return err
	}
	edited := *found
	edit(&edited)
	s.rules[in.Name] = &edited
	return nil
}

// find needs the lock.
func (s *Service) find(in ruleName) (*rule, error) {
	if err := s.checkBus(in.EventBusName); err != nil {
		return nil, err
	}
	if found := s.rules[in.Name]; found != nil {
		return found, nil
	}
	return nil, awswire.Errorf("ResourceNotFoundException", "Rule %s does not exist on EventBus default.", in.Name)
}

type listRulesInput struct {
	NamePrefix   string
	EventBusName string
	page
}

func (s *Service) listRules(_ context.Context, in listRulesInput) (any, error) {
	if err := s.checkBus(in.EventBusName); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(s.rules)), func(name string) bool {
		return !strings.HasPrefix(name, in.NamePrefix)
	})
	names, next := in.cut(names)
	out := make([]ruleOutput, 0, len(names))
	for _, name := range names {
		out = append(out, s.describe(s.rules[name]))
	}
	return struct {
		Rules     []ruleOutput
		NextToken string `json:",omitempty"`
	}{out, next}, nil
}

// page is the paging of list requests: the token is the last name of the page before.
type page struct {
	Limit     int
	NextToken string
}

func (p page) cut(names []string) (out []string, next string) {
	i, found := slices.BinarySearch(names, p.NextToken)
	if found {
		i++
	}
	out = names[i:]
	limit := min(max(p.Limit, 0), 100)
	if limit == 0 {
		limit = 100
	}
	if len(out) <= limit {
		return out, ""
	}
	return out[:limit], out[limit-1]
}

func (s *Service) ruleARN(name string) string {
	return "arn:aws:events:" + s.config.Region + ":" + s.config.AccountID + ":rule/" + name
}

// checkBus accepts the default bus, by name or ARN.
func (s *Service) checkBus(name string) error {
	arn := "arn:aws:events:" + s.config.Region + ":" + s.config.AccountID + ":event-bus/default"
	if name == "" || name == "default" || name == arn {
		return nil
	}
	return awswire.Errorf("ResourceNotFoundException", "Event bus %s does not exist.", name)
}
