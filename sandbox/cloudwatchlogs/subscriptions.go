package cloudwatchlogs

import (
	"maps"
	"slices"
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// maxSubscriptions is how many a group may have.
// Source: https://docs.aws.amazon.com/general/latest/gr/cwl_region.html
const maxSubscriptions = 2

type subscriptionInput struct {
	LogGroupName   string `json:"logGroupName"`
	FilterName     string `json:"filterName"`
	FilterPattern  string `json:"filterPattern"`
	DestinationARN string `json:"destinationArn"`
	RoleARN        string `json:"roleArn"`
	Distribution   string `json:"distribution"`
}

// putSubscriptionFilter makes a subscription, or another one of the same name out of it.
func (s *Service) putSubscriptionFilter(in subscriptionInput) (any, error) {
	g, err := s.find(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	if in.FilterName == "" || len(in.FilterName) > 512 || strings.ContainsAny(in.FilterName, ":*") {
		return nil, invalid("1 validation error detected: Value '%s' at 'filterName' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: [^:*]*", in.FilterName)
	}
	matches, err := parsePattern(in.FilterPattern)
	if err != nil {
		return nil, err
	}
	to, err := s.destination(in.DestinationARN)
	if err != nil {
		return nil, err
	}
	old, known := g.filters[in.FilterName]
	if !known && len(g.filters) == maxSubscriptions {
		return nil, awswire.Errorf("LimitExceededException", "Resource limit exceeded.")
	}
	created := s.now()
	if known {
		created = old.created
		old.stop()
	}
	if in.Distribution == "" {
		in.Distribution = "ByLogStream"
	}
	g.filters[in.FilterName] = s.subscribe(in, created, matches, to)
	return empty{}, nil
}

// destination is how to reach what an ARN names.
func (s *Service) destination(arn string) (destination, error) {
	parts := strings.Split(arn, ":")
	if len(parts) >= 7 && parts[2] == "lambda" && parts[5] == "function" {
		return &functionDestination{service: s, arn: arn}, nil
	}
	if len(parts) == 6 && parts[2] == "firehose" {
		name := strings.TrimPrefix(parts[5], "deliverystream/")
		if target, ok := s.config.DeliveryStreams[name]; ok {
			return &httpDestination{service: s, arn: arn, target: target}, nil
		}
		return nil, invalid("Could not deliver test message to specified Firehose stream. Check if the given Firehose " +
			"stream is in ACTIVE state.")
	}
	return nil, invalid("destinationArn for vendor %s cannot be used: the sandbox has functions and delivery streams",
		strings.Join(parts[:min(3, len(parts))], ":"))
}

type filterInput struct {
	LogGroupName string `json:"logGroupName"`
	FilterName   string `json:"filterName"`
}

func (s *Service) deleteSubscriptionFilter(in filterInput) (any, error) {
	g, err := s.find(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	f, ok := g.filters[in.FilterName]
	if !ok {
		return nil, awswire.Errorf("ResourceNotFoundException", "The specified subscription filter does not exist.")
	}
	f.stop()
	delete(g.filters, in.FilterName)
	return empty{}, nil
}

type describeFiltersInput struct {
	LogGroupName string `json:"logGroupName"`
	Prefix       string `json:"filterNamePrefix"`
	page
}

type filterDescription struct {
	subscriptionInput
	CreationTime int64 `json:"creationTime"`
}

func (s *Service) describeSubscriptionFilters(in describeFiltersInput) (any, error) {
	g, err := s.find(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(g.filters))
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, in.Prefix) })
	names, next, err := in.cut(names)
	out := struct {
		SubscriptionFilters []filterDescription `json:"subscriptionFilters"`
		NextToken           string              `json:"nextToken,omitempty"`
	}{[]filterDescription{}, next}
	for _, name := range names {
		f := g.filters[name]
		out.SubscriptionFilters = append(out.SubscriptionFilters, filterDescription{f.subscriptionInput, f.created})
	}
	return out, err
}
