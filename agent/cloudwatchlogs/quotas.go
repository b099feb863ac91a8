package cloudwatchlogs

import (
	"slices"

	"github.com/steptrace/steptrace/agent/quota"
)

// The operations of the API that a client calls.
const (
	DescribeLogGroups = "DescribeLogGroups"
	FilterLogEvents   = "FilterLogEvents"
)

// Of FilterLogEvents, which cannot be raised, some regions have less and one has more.
var (
	smallRegions = []string{"ap-northeast-3", "ap-southeast-3", "ca-west-1", "eu-central-1", "il-central-1"}
	largeRegion  = "us-east-1"
)

// Quotas are what AWS grants an account of the operations that the client calls, in the region: calls per second, which
// is the bucket too. Source: "CloudWatch Logs quotas" in the CloudWatch Logs user guide.
func Quotas(region string) map[string]quota.Quota {
	filter := 10
	switch {
	case slices.Contains(smallRegions, region):
		filter = 5
	case region == largeRegion:
		filter = 25
	}
	return map[string]quota.Quota{
		DescribeLogGroups: {Bucket: 10, Refill: 10},
		FilterLogEvents:   {Bucket: filter, Refill: float64(filter)},
	}
}
