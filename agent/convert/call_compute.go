package convert

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/tidwall/gjson"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// compute are functions, executions, containers and builds.
var compute = map[string]*service{
	"lambda": {rpc: "Lambda", received: []field{{"ExecutedVersion", semconv.FaaSVersion, nil}}},
	"states": stepFunctions, "sfn": stepFunctions,
	"ecs": {
		rpc: "ECS",
		sent: []field{
			{"Cluster", semconv.ECSClusterARN, asARN("ecs", "cluster/")},
			{"TaskDefinition", "", asTaskDefinition},
			{"LaunchType", semconv.ECSLaunchType, asLowerCase},
		},
		received: []field{ // of runTask and, at the end of runTask.sync, of the task itself
			{"Tasks.0.ClusterArn", semconv.ECSClusterARN, nil},
			{"Tasks.0.TaskArn", semconv.ECSTaskARN, nil},
			{"Tasks.0.TaskDefinitionArn", "", asTaskDefinition},
			{"Tasks.0.LaunchType", semconv.ECSLaunchType, asLowerCase},
			{"ClusterArn", semconv.ECSClusterARN, nil},
			{"TaskArn", semconv.ECSTaskARN, nil},
			{"TaskDefinitionArn", "", asTaskDefinition},
			{"LaunchType", semconv.ECSLaunchType, asLowerCase},
		},
	},
	"eks": {
		rpc: "EKS",
		sent: []field{
			{"ClusterName", semconv.EKSClusterARN, asARN("eks", "cluster/")},
			{"Job.metadata.name", semconv.JobName, nil},
			{"Method", semconv.HTTPMethod, nil},
			{"Path", semconv.URLPath, asPath},
		},
		received: []field{
			{"ResponseBody.metadata.uid", semconv.JobID, nil}, {"StatusCode", semconv.HTTPStatus, asNumber},
		},
	},
	"batch": {
		rpc: "Batch",
		sent: []field{
			{"JobName", semconv.JobName, nil},
			{"JobQueue", semconv.JobQueue, nil},
			{"JobDefinition", semconv.JobDefinition, nil},
		},
		received: []field{{"JobId", semconv.JobID, nil}},
	},
	"codebuild": {
		rpc: "CodeBuild", sent: []field{{"ProjectName", semconv.JobName, nil}},
		received: []field{{"Build.Id", semconv.JobID, nil}, {"BuildBatch.Id", semconv.JobID, nil}},
	},
}

var stepFunctions = &service{
	rpc: "SFN", sent: []field{{"StateMachineArn", semconv.CalledMachineARN, nil}},
}

// asTaskDefinition takes FAMILY, FAMILY:REVISION or the ARN of a task definition apart.
func asTaskDefinition(c *call, _ string, v gjson.Result) {
	if v.Type != gjson.String {
		return
	}
	name := strings.Clone(v.Str)
	if parsed, err := arn.Parse(name); err == nil {
		name = strings.TrimPrefix(parsed.Resource, "task-definition/")
	}
	family, revision, _ := strings.Cut(name, ":")
	c.node.putText(semconv.ECSTaskFamily, family)
	c.node.putText(semconv.ECSTaskRevision, revision)
}

func asLowerCase(c *call, key string, v gjson.Result) {
	if v.Type == gjson.String {
		c.node.putText(key, strings.ToLower(v.Str))
	}
}

// asETag is an ETag without its quotes.
func asETag(c *call, key string, v gjson.Result) {
	if v.Type == gjson.String {
		c.node.putText(key, strings.Clone(strings.Trim(v.Str, `"`)))
	}
}

// asARNOnly is a text that is an ARN.
func asARNOnly(c *call, key string, v gjson.Result) {
	if v.Type == gjson.String && arn.IsARN(v.Str) {
		c.node.putText(key, strings.Clone(v.Str))
	}
}

// arn is the name itself if it is an ARN, else the one of a resource where the call goes.
func (c *call) arn(serviceName, resource, name string) string {
	if arn.IsARN(name) {
		return strings.Clone(name)
	}
	region := c.region
	if region == "" {
		region = c.identity.Region
	}
	return arn.ARN{
		Partition: c.identity.Partition, Service: serviceName, Region: region, AccountID: c.identity.AccountID,
		Resource: resource + name,
	}.String()
}
