package quota

import "maps"

// larger are the regions in which some of Step Functions' quotas are higher.
var larger = map[string]bool{"us-east-1": true, "us-west-2": true, "eu-west-1": true}

// Published are the quotas that AWS gives an account by default in a region. StartExecution has the bucket of Standard
// workflows; that of Express workflows (6,000, refilled with 6,000 a second) is not told apart. StartSyncExecution has
// none.
//
// Sources, as of November 2026:
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-api-action-throttling-general
// https://docs.aws.amazon.com/general/latest/gr/cwl_region.html
func Published(region string) Rates {
	rates := maps.Clone(everywhere)
	maps.Copy(rates, smaller)
	if larger[region] {
		maps.Copy(rates, inLarger)
	}
	rates["logs:FilterLogEvents"] = perSecond(filterLogEvents[region], 10)
	rates["logs:GetLogEvents"] = perSecond(getLogEvents[region], 25)
	return rates
}

// perSecond is a quota of CloudWatch Logs: so many calls in a second, and no more at once.
func perSecond(inRegion, elsewhere int) Rate {
	if inRegion == 0 {
		inRegion = elsewhere
	}
	return Rate{Bucket: inRegion, Refill: float64(inRegion)}
}

var (
	filterLogEvents = map[string]int{
		"us-east-1": 25, "ap-northeast-3": 5, "ap-southeast-3": 5, "ca-west-1": 5, "eu-central-1": 5, "il-central-1": 5,
	}
	getLogEvents = map[string]int{
		"us-west-2": 10, "ap-northeast-3": 10, "ap-southeast-3": 10, "ca-west-1": 10, "eu-central-1": 10,
		"eu-west-1": 10, "eu-west-3": 30, "il-central-1": 10,
	}
)

// everywhere are the quotas that all regions have alike.
var everywhere = Rates{
	"states:CreateActivity":                   {100, 1},
	"states:CreateStateMachine":               {100, 1},
	"states:CreateStateMachineAlias":          {100, 1},
	"states:DeleteActivity":                   {100, 1},
	"states:DeleteStateMachine":               {100, 1},
	"states:DeleteStateMachineAlias":          {100, 1},
	"states:DeleteStateMachineVersion":        {100, 1},
	"states:DescribeActivity":                 {200, 1},
	"states:DescribeMapRun":                   {200, 1},
	"states:DescribeStateMachine":             {200, 20},
	"states:DescribeStateMachineAlias":        {200, 1},
	"states:DescribeStateMachineForExecution": {200, 1},
	"states:GetExecutionHistory":              {400, 20},
	"states:ListMapRuns":                      {100, 1},
	"states:ListStateMachineAliases":          {100, 1},
	"states:ListStateMachines":                {100, 5},
	"states:ListStateMachineVersions":         {100, 1},
	"states:ListTagsForResource":              {100, 1},
	"states:PublishStateMachineVersion":       {100, 1},
	"states:TagResource":                      {200, 1},
	"states:TestState":                        {50, 10},
	"states:UntagResource":                    {200, 1},
	"states:UpdateMapRun":                     {100, 1},
	"states:UpdateStateMachine":               {100, 1},
	"states:UpdateStateMachineAlias":          {100, 1},
	"states:ValidateStateMachineDefinition":   {100, 1},

	"logs:DescribeSubscriptionFilters": {5, 5},
	"logs:PutLogEvents":                {5000, 5000},
	"logs:PutSubscriptionFilter":       {5, 5},
}

// inLarger are the quotas of the larger regions, smaller those of the others.
var (
	inLarger = Rates{
		"states:DescribeExecution": {300, 15},
		"states:GetActivityTask":   {3000, 500},
		"states:ListActivities":    {100, 10},
		"states:ListExecutions":    {200, 5},
		"states:RedriveExecution":  {1300, 300},
		"states:SendTaskFailure":   {3000, 500},
		"states:SendTaskHeartbeat": {3000, 500},
		"states:SendTaskSuccess":   {3000, 500},
		"states:StartExecution":    {1300, 300},
		"states:StopExecution":     {1000, 200},
	}
	smaller = Rates{
		"states:DescribeExecution": {250, 10},
		"states:GetActivityTask":   {1500, 300},
		"states:ListActivities":    {100, 5},
		"states:ListExecutions":    {100, 2},
		"states:RedriveExecution":  {800, 150},
		"states:SendTaskFailure":   {1500, 300},
		"states:SendTaskHeartbeat": {1500, 300},
		"states:SendTaskSuccess":   {1500, 300},
		"states:StartExecution":    {800, 150},
		"states:StopExecution":     {500, 25},
	}
)
