package stepfunctions

import (
	"maps"
	"slices"

	"github.com/steptrace/steptrace/agent/quota"
)

// The operations of the API that a client calls.
const (
	DescribeExecution                = "DescribeExecution"
	DescribeStateMachine             = "DescribeStateMachine"
	DescribeStateMachineForExecution = "DescribeStateMachineForExecution"
	GetExecutionHistory              = "GetExecutionHistory"
	ListExecutions                   = "ListExecutions"
	ListStateMachines                = "ListStateMachines"
	ListTagsForResource              = "ListTagsForResource"
)

// quotas are what AWS grants an account in most regions. Source: "Quotas related to API action throttling" in the Step
// Functions developer guide.
var quotas = map[string]quota.Quota{
	DescribeExecution:                {Bucket: 250, Refill: 10},
	GetExecutionHistory:              {Bucket: 400, Refill: 20},
	ListExecutions:                   {Bucket: 100, Refill: 2},
	DescribeStateMachine:             {Bucket: 200, Refill: 20},
	DescribeStateMachineForExecution: {Bucket: 200, Refill: 1},
	ListStateMachines:                {Bucket: 100, Refill: 5},
	ListTagsForResource:              {Bucket: 100, Refill: 1},
}

// Three regions have more.
var (
	largeRegions = []string{"us-east-1", "us-west-2", "eu-west-1"}
	largeQuotas  = map[string]quota.Quota{
		DescribeExecution: {Bucket: 300, Refill: 15},
		ListExecutions:    {Bucket: 200, Refill: 5},
	}
)

// Quotas are the published quotas of the operations that the client calls, in the region.
func Quotas(region string) map[string]quota.Quota {
	all := maps.Clone(quotas)
	if slices.Contains(largeRegions, region) {
		maps.Copy(all, largeQuotas)
	}
	return all
}
