package cloudwatchlogs

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// group is a log group. Its events are in the order of their times, those of one time as they came.
type group struct {
	name    string
	created int64
	streams map[string]*stream
	filters map[string]*subscription
	events  []event
}

var groupName = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)

func (s *Service) groupARN(name string) string {
	return "arn:aws:logs:" + s.config.Region + ":" + s.config.AccountID + ":log-group:" + name
}

// find finds a group by its name or ARN, with or without the ":*" of its streams.
func (s *Service) find(identifier string) (*group, error) {
	name := identifier
	if strings.HasPrefix(identifier, "arn:") {
		name = strings.TrimSuffix(strings.TrimPrefix(identifier, s.groupARN("")), ":*")
	}
	g, ok := s.groups[name]
	if !ok {
		return nil, awswire.Errorf("ResourceNotFoundException", "The specified log group does not exist.")
	}
	return g, nil
}

// either is the group that a request names in one of two members.
func (s *Service) either(name, identifier string) (*group, error) {
	switch {
	case name == "" && identifier == "":
		return nil, invalid("Either logGroupName or logGroupIdentifier must be given.")
	case name != "" && identifier != "":
		return nil, invalid("Only one of logGroupName and logGroupIdentifier may be given.")
	}
	return s.find(name + identifier)
}

type groupInput struct {
	LogGroupName string `json:"logGroupName"`
}

func (s *Service) createLogGroup(in groupInput) (any, error) {
	if !groupName.MatchString(in.LogGroupName) {
		return nil, invalid("1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+", in.LogGroupName)
	}
	if _, ok := s.groups[in.LogGroupName]; ok {
		return nil, awswire.Errorf("ResourceAlreadyExistsException", "The specified log group already exists")
	}
	s.groups[in.LogGroupName] = &group{
		name: in.LogGroupName, created: s.now(), streams: map[string]*stream{}, filters: map[string]*subscription{},
	}
	return empty{}, nil
}

func (s *Service) deleteLogGroup(in groupInput) (any, error) {
	g, err := s.find(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	for _, f := range g.filters {
		f.stop()
	}
	delete(s.groups, g.name)
	return empty{}, nil
}

type describeGroupsInput struct {
	Prefix  string `json:"logGroupNamePrefix"`
	Pattern string `json:"logGroupNamePattern"`
	page
}

type groupDescription struct {
	LogGroupName      string `json:"logGroupName"`
	CreationTime      int64  `json:"creationTime"`
	MetricFilterCount int    `json:"metricFilterCount"`
	ARN               string `json:"arn"`
	StoredBytes       int    `json:"storedBytes"`
	LogGroupClass     string `json:"logGroupClass"`
	LogGroupARN       string `json:"logGroupArn"`
}

func (s *Service) describeLogGroups(in describeGroupsInput) (any, error) {
	if in.Prefix != "" && in.Pattern != "" {
		return nil, invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	names := slices.Sorted(maps.Keys(s.groups))
	names = slices.DeleteFunc(names, func(name string) bool {
		return !strings.HasPrefix(name, in.Prefix) ||
			!strings.Contains(strings.ToLower(name), strings.ToLower(in.Pattern))
	})
	names, next, err := in.cut(names)
	out := struct {
		LogGroups []groupDescription `json:"logGroups"`
		NextToken string             `json:"nextToken,omitempty"`
	}{[]groupDescription{}, next}
	for _, name := range names {
		out.LogGroups = append(out.LogGroups, groupDescription{
			LogGroupName: name, CreationTime: s.groups[name].created, ARN: s.groupARN(name) + ":*",
			LogGroupARN: s.groupARN(name), LogGroupClass: "STANDARD",
		})
	}
	return out, err
}
